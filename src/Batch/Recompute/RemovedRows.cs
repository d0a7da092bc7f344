using Lambda.Log;

namespace Lambda.Batch.Recompute;

/// <summary>Rows that count in nothing, all of which a run has in memory until its generation is published.</summary>
internal sealed class RemovedRows
{
    /// <summary>About what a row takes beside its detail, with its place in the list and among the positions that are gathered for the audit.</summary>
    private const int BytesOfRow = 120;
    private const int BytesOfPosition = 32;

    private readonly List<RefusedRow> _refused = [];
    private readonly List<LogPosition> _repetitions = [];
    private string? _lastDetail;
    private long _detailBytes;

    /// <summary>Rows that row checks and expressions refused.</summary>
    public IReadOnlyList<RefusedRow> Refused => _refused;

    /// <summary>Rows that repeat others.</summary>
    public IReadOnlyList<LogPosition> Repetitions => _repetitions;

    /// <summary>Roughly how many bytes they take.</summary>
    public long ByteCount => ((long)BytesOfRow * _refused.Count) + ((long)BytesOfPosition * _repetitions.Count) + _detailBytes;

    /// <summary>Adds a refused row.</summary>
    public void Add(RefusedRow row)
    {
        _refused.Add(row);
        if (!ReferenceEquals(row.Detail, _lastDetail))
        {
            // Rows that a check refuses share a sentence; those of which an expression fails have their own.
            _lastDetail = row.Detail;
            _detailBytes += sizeof(char) * row.Detail.Length;
        }
    }

    /// <summary>Adds repetitions.</summary>
    public void AddRepetitions(IEnumerable<LogPosition> positions) => _repetitions.AddRange(positions);

    /// <summary>Adds what was removed elsewhere.</summary>
    public void Add(IEnumerable<RefusedRow> refused, IEnumerable<LogPosition> repetitions)
    {
        foreach (RefusedRow row in refused)
        {
            Add(row);
        }

        AddRepetitions(repetitions);
    }
}

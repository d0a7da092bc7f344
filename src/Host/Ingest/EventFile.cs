using Lambda.Log;

namespace Lambda.Hosting.Ingest;

/// <summary>A file of events that is read from front to end into batches of records for the log.</summary>
internal abstract class EventFile : IAsyncDisposable
{
    private const int MostRefusalsKept = 10;
    private readonly List<RefusedRow> _refused = [];

    /// <summary>What the file is called in messages.</summary>
    public required string Name { get; init; }

    /// <summary>The largest record, key and value together, in bytes.</summary>
    public required int MaxRecordBytes { get; init; }

    /// <summary>How many of the first records are left out, because they were taken in before.</summary>
    public long Skip { get; init; }

    /// <summary>How many records the file holds; null when that is not known before it has been read.</summary>
    public virtual long? Count => null;

    /// <summary>The share that has been read, from 0 to 1; null when the file has no known end.</summary>
    public abstract double? Progress { get; }

    /// <summary>Records read so far, with those left out and those refused.</summary>
    public long Position { get; private set; }

    /// <summary>How many records were refused.</summary>
    public long RefusedCount { get; private set; }

    /// <summary>The first records that were refused.</summary>
    public IReadOnlyList<RefusedRow> Refused => _refused;

    /// <summary>Adds further records until the batch is full or the file has ended.</summary>
    /// <returns>Whether there may be more.</returns>
    /// <exception cref="IngestException">The file cannot be read.</exception>
    public abstract ValueTask<bool> ReadAsync(RecordBatch destination, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();

    /// <summary>Takes note of the next record, and whether it is to be appended.</summary>
    protected bool Take(long row, int bytes)
    {
        Position++;
        if (Position <= Skip)
        {
            return false;
        }

        if (bytes > MaxRecordBytes)
        {
            RefusedCount++;
            if (_refused.Count < MostRefusalsKept)
            {
                _refused.Add(new RefusedRow(row, bytes));
            }

            return false;
        }

        return true;
    }
}

/// <summary>A record that is too large for the log.</summary>
/// <param name="Row">Its line or row, from 1.</param>
/// <param name="Bytes">Its size.</param>
internal readonly record struct RefusedRow(long Row, long Bytes);

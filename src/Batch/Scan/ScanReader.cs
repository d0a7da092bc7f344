using System.Numerics;
using System.Runtime.InteropServices;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Time;

namespace Lambda.Batch.Scan;

/// <summary>Reads row groups of files into one batch, a chunk of rows at a time. Not safe for use by several threads at once.</summary>
/// <remarks>
/// The batch gives rows a position too, for aggregates that need an order among events of the same instant: the file as partition, the row in it as
/// offset.
/// </remarks>
internal sealed class ScanReader : IDisposable
{
    /// <summary>So few that all that is computed of a chunk, about 90 bytes a row, stays in a core's second-level cache beside the pages read.</summary>
    public const int ChunkRows = 4096;

    private readonly EventBatch _batch;
    private readonly EventMember _eventTime;
    private readonly bool[] _timeNulls = new bool[ChunkRows];
    private readonly List<ScanSource> _sources = [];
    private readonly RowSelection _rows = new();
    private ScanFile? _file;
    private RowGroup _group;
    private long _nextRow;

    public ScanReader(EventBatch batch, EventMember eventTime)
    {
        _batch = batch;
        _eventTime = eventTime;
        batch.EnsureCapacity(ChunkRows);
    }

    /// <summary>The rows of the chunk that have everything an event needs.</summary>
    public RowSelection Rows => _rows;

    /// <summary>How many rows of the row group come before the chunk.</summary>
    public long FirstRow { get; private set; }

    /// <summary>Matches the columns of a file to those of the batch.</summary>
    /// <exception cref="ScanException">They do not fit.</exception>
    public void Bind(ScanFile file)
    {
        Close();
        _file = file;
        _sources.Clear();
        int times = file.IndexOf(_eventTime) ?? throw new InvalidOperationException("Every file has a column of event times.");
        _sources.Add(new ScanSource(
            _eventTime,
            times,
            ScanColumns.Instants(file.Column(times), _batch.EventTimes, _timeNulls) ?? throw file.Misfit(times, _eventTime),
            _timeNulls));
        foreach (EventMember member in _batch.Projection.Schema.Members)
        {
            if (_batch[member] is not null && member.Kind != MemberKind.Value)
            {
                throw file.Nested(member);
            }

            if (_batch[member] is { } column && member != _eventTime)
            {
                bool[] nulls = column.Nulls ?? new bool[ChunkRows];
                int? index = file.IndexOf(member);
                ScanDecoders decoders = index is { } place
                    ? ScanColumns.Decoders(file.Column(place), column, nulls) ?? throw file.Misfit(place, member)
                    : ScanDecoders.Of(new AbsentDecoder(column, nulls));
                _sources.Add(new ScanSource(member, index, decoders, column.Nulls is null ? nulls : null));
            }
        }
    }

    /// <summary>Starts a row group of the file.</summary>
    public void Open(RowGroup group)
    {
        Close();
        _group = group;
        _nextRow = 0;
        _batch.Partitions.AsSpan(0, ChunkRows).Fill(group.File);
        foreach (ScanSource source in _sources)
        {
            source.Open(_file!, group);
        }
    }

    /// <summary>Puts the next rows into the batch.</summary>
    /// <param name="refused">Takes rows that lack what an event needs.</param>
    /// <returns>False when the row group has no more.</returns>
    /// <exception cref="ScanException">The file is damaged, or its statistics are wrong.</exception>
    public bool ReadNext(RowRefusals refused)
    {
        int count = (int)Math.Min(ChunkRows, _group.Rows - _nextRow);
        if (count == 0)
        {
            return false;
        }

        foreach (ScanSource source in _sources)
        {
            source.Read(count);
        }

        FirstRow = _nextRow;
        _nextRow += count;
        _batch.Count = count;
        SetPositions(count);
        Select(count, refused);
        return true;
    }

    public void Dispose() => Close();

    private void Close()
    {
        foreach (ScanSource source in _sources)
        {
            source.Dispose();
        }
    }

    private void SetPositions(int count)
    {
        Count(_group.FirstRow + FirstRow, _batch.Offsets.AsSpan(0, count));
        if (_batch[_eventTime] is Column<long> times)
        {
            _batch.EventTimes.AsSpan(0, count).CopyTo(times.Values);
            times.Nulls?.AsSpan(0, count).Clear();
        }
    }

    private static void Count(long first, Span<long> numbers)
    {
        Vector<long> next = Vector.CreateSequence(first, 1L);
        Span<Vector<long>> vectors = MemoryMarshal.Cast<long, Vector<long>>(numbers);
        foreach (ref Vector<long> vector in vectors)
        {
            vector = next;
            next += new Vector<long>(Vector<long>.Count);
        }

        for (int i = vectors.Length * Vector<long>.Count; i < numbers.Length; i++)
        {
            numbers[i] = first + i;
        }
    }

    private void Select(int count, RowRefusals refused)
    {
        _rows.SelectAll(count);
        ReadOnlySpan<long> times = _batch.EventTimes.AsSpan(0, count);
        bool isComplete = !_sources.Any(source => source.Needed is { } nulls && nulls.AsSpan(0, count).Contains(true));
        (long min, long max) = TimeSpread.Of(times);
        if (isComplete && min >= UtcMicroseconds.MinValue && max <= UtcMicroseconds.MaxValue)
        {
            VerifyStatistics(min, max);
            return;
        }

        for (int row = 0; row < count; row++)
        {
            if (Defect(row) is { } defect)
            {
                _rows.Remove(row);
                refused.Add(new RowRefusal(_file!.Path, _group.Index, FirstRow + row, defect));
            }
            else
            {
                VerifyStatistics(times[row], times[row]);
            }
        }
    }

    private string? Defect(int row)
    {
        foreach (ScanSource source in _sources)
        {
            if (source.Needed is { } nulls && nulls[row])
            {
                return $"'{source.Member.JsonName}' is null.";
            }
        }

        return _batch.EventTimes[row] < UtcMicroseconds.MinValue || _batch.EventTimes[row] > UtcMicroseconds.MaxValue
            ? $"The event time '{_eventTime.JsonName}' lies outside of the years 1 to 9999."
            : null;
    }

    /// <summary>Windows are finished by what statistics say, so wrong ones would give wrong results.</summary>
    private void VerifyStatistics(long min, long max)
    {
        if (min < _group.Times.Min || max > _group.Times.Max)
        {
            throw new ScanException(
                $"'{_file!.Path}': the statistics of column '{_eventTime.JsonName}' in row group {_group.Index} are wrong; there are times outside of what "
                + "they say. Some programs write them so. Compute again with --ignore-statistics, which takes more memory.");
        }
    }
}

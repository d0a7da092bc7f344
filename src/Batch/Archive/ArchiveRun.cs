using Lambda.Batch.History.SideTables;
using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>A run of offsets of each partition, read from the log and decoded; then the next one, in the same buffers.</summary>
internal sealed class ArchiveRun : IDisposable
{
    private readonly IEventLog _log;
    private readonly BatchStream _stream;
    private readonly AcceptedGaps _gaps;
    private readonly BatchOptions _options;
    private readonly Projection _everything;
    private readonly RecordBatch _records = new();
    private readonly List<DecodedRun> _events = [];

    /// <summary>
    /// What held events of earlier runs. The arrays of a million events are garbage that the collector looks at only when as many have been allocated once more.
    /// </summary>
    private readonly Queue<DecodedRun> _spare = [];
    private readonly List<QuarantinedRecord> _rejected = [];
    private readonly List<LogVoid> _voids = [];
    private readonly Dictionary<int, OffsetRange> _ranges = [];
    private HashSet<LogPosition> _quarantined = [];
    private long _recordCount;
    private long _byteCount;

    public ArchiveRun(IEventLog log, BatchStream stream, AcceptedGaps gaps, BatchOptions options)
    {
        _log = log;
        _stream = stream;
        _gaps = gaps;
        _options = options;
        _everything = Projection.Everything(stream.Definition.Schema);
    }

    /// <summary>The events, one batch per partition.</summary>
    public IReadOnlyList<DecodedRun> Events => _events;

    /// <summary>The records that could not be decoded, but for those that the archive has already.</summary>
    public IReadOnlyList<QuarantinedRecord> Rejected => _rejected;

    /// <summary>Where the log holds no record, by partition and offset; neighbouring ones are one.</summary>
    public IReadOnlyList<LogVoid> Voids => _voids;

    /// <summary>By partition, the offsets that were read.</summary>
    public IReadOnlyDictionary<int, OffsetRange> Ranges => _ranges;

    /// <summary>How many events there are.</summary>
    public long EventCount => _events.Sum(run => run.Events.Count);

    private bool IsFull => _recordCount >= _options.ArchiveRunRecords || _byteCount >= _options.ArchiveRunBytes;

    /// <summary>Reads from one boundary towards another, as far as the limits of a run let it, in place of what was read before.</summary>
    /// <param name="from">Where it begins.</param>
    /// <param name="to">Where it ends at the latest.</param>
    /// <param name="quarantined">Records that the archive has as undecodable; they stay so, whatever this program makes of them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OffsetTrimmedException">The log has lost records, and not all of their offsets are accepted gaps.</exception>
    /// <exception cref="BatchException">The log ends before the boundary.</exception>
    public async Task ReadAsync(Boundary from, Boundary to, HashSet<LogPosition> quarantined, CancellationToken cancellationToken)
    {
        Clear();
        _quarantined = quarantined;
        for (int partition = 0; partition < to.Partitions && !IsFull; partition++)
        {
            if (from[partition] < to[partition])
            {
                await ReadAsync(partition, from[partition], to[partition], cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _records.Dispose();

    private void Clear()
    {
        foreach (DecodedRun run in _events)
        {
            run.Events.Reset(new StringDictionary());
            _spare.Enqueue(run);
        }

        _events.Clear();
        _rejected.Clear();
        _voids.Clear();
        _ranges.Clear();
        _recordCount = 0;
        _byteCount = 0;
    }

    private async Task ReadAsync(int partition, long from, long to, CancellationToken cancellationToken)
    {
        DecodedRun run = _spare.TryDequeue(out DecodedRun? spare) ? spare : new DecodedRun(new EventBatch(_everything, new StringDictionary()), new UnknownMembers());
        _events.Add(run);
        JsonEventDecoder decoder = new(DecodeRules.Of(_stream.Definition), _everything, run.Unknown);
        long next = from;
        while (next < to && !IsFull)
        {
            if (await ReadOrSkipLostAsync(partition, next, cancellationToken).ConfigureAwait(false) is { } available)
            {
                next = Math.Min(available, to);
                continue;
            }

            if (_records.NextOffset <= next)
            {
                throw new BatchException(
                    $"Stream '{_stream.Name}', partition {partition}: the log ends at offset {next}, but was to be archived up to {to}. Its newest "
                    + "records have been lost; restore the log, or give the stream a new name.");
            }

            cancellationToken.ThrowIfCancellationRequested();
            next = Take(partition, next, to, decoder, run.Events);
        }

        _ranges.Add(partition, new OffsetRange(from, next));
    }

    /// <summary>Reads records at an offset.</summary>
    /// <returns>Null; or where the log goes on when it has lost the records there and a person has accepted that.</returns>
    private async Task<long?> ReadOrSkipLostAsync(int partition, long next, CancellationToken cancellationToken)
    {
        try
        {
            await _log.ReadAsync(_stream.Name, partition, next, _records, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (OffsetTrimmedException lost) when (_gaps.Cover(partition, lost.Missing))
        {
            return lost.Missing.End;
        }
    }

    /// <summary>Decodes what was read, records at or behind the end aside, and notes the offsets between records.</summary>
    /// <returns>The next offset to read.</returns>
    private long Take(int partition, long from, long to, JsonEventDecoder decoder, EventBatch events)
    {
        int count = 0;
        while (count < _records.Count && _records.Offset(count) < to)
        {
            count++;
        }

        events.EnsureCapacity(events.Count + count);
        long expected = from;
        for (int i = 0; i < count; i++)
        {
            if (!_quarantined.Contains(new LogPosition(partition, _records.Offset(i)))
                && decoder.Decode(_records.Value(i), partition, _records.Offset(i), _records.AppendedAt(i), events) is { } refusal)
            {
                _rejected.Add(new QuarantinedRecord(
                    _stream.Name, partition, _records.Offset(i), _records.AppendedAt(i), refusal.Reason, refusal.Detail,
                    _records.Key(i).ToArray(), _records.Value(i).ToArray()));
            }

            AddVoid(partition, expected, _records.Offset(i));
            expected = _records.Offset(i) + 1;
            _byteCount += _records.Value(i).Length;
        }

        long end = count < _records.Count ? to : Math.Min(to, _records.NextOffset);
        AddVoid(partition, expected, end);
        _recordCount += count;
        return end;
    }

    private void AddVoid(int partition, long start, long end)
    {
        if (start >= end)
        {
            return;
        }

        if (_voids.Count > 0 && _voids[^1] is var last && last.Partition == partition && last.Offsets.End == start)
        {
            _voids[^1] = last with { Offsets = last.Offsets with { End = end } };
        }
        else
        {
            _voids.Add(new LogVoid(partition, new OffsetRange(start, end)));
        }
    }
}

using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>A run of offsets of each partition, read from the log and decoded.</summary>
internal sealed class ArchiveRun : IDisposable
{
    private readonly IEventLog _log;
    private readonly BatchStream _stream;
    private readonly BatchOptions _options;
    private readonly RecordBatch _records = new();
    private readonly List<DecodedRun> _events = [];
    private readonly List<QuarantinedRecord> _rejected = [];
    private readonly Dictionary<int, OffsetRange> _ranges = [];
    private long _recordCount;
    private long _byteCount;

    public ArchiveRun(IEventLog log, BatchStream stream, BatchOptions options)
    {
        _log = log;
        _stream = stream;
        _options = options;
    }

    /// <summary>The events, one batch per partition.</summary>
    public IReadOnlyList<DecodedRun> Events => _events;

    /// <summary>The records that could not be decoded.</summary>
    public IReadOnlyList<QuarantinedRecord> Rejected => _rejected;

    /// <summary>By partition, the offsets that were read.</summary>
    public IReadOnlyDictionary<int, OffsetRange> Ranges => _ranges;

    /// <summary>How many events there are.</summary>
    public long EventCount => _events.Sum(run => run.Events.Count);

    private bool IsFull => _recordCount >= _options.ArchiveRunRecords || _byteCount >= _options.ArchiveRunBytes;

    /// <summary>Reads from one boundary towards another, as far as the limits of a run let it.</summary>
    public async Task ReadAsync(Boundary from, Boundary to, CancellationToken cancellationToken)
    {
        for (int partition = 0; partition < to.Partitions && !IsFull; partition++)
        {
            if (from[partition] < to[partition])
            {
                await ReadAsync(partition, from[partition], to[partition], cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _records.Dispose();

    private async Task ReadAsync(int partition, long from, long to, CancellationToken cancellationToken)
    {
        UnknownMembers unknown = new();
        Projection everything = Projection.Everything(_stream.Definition.Schema);
        JsonEventDecoder decoder = new(DecodeRules.Of(_stream.Definition), everything, unknown);
        EventBatch events = new(everything, new StringDictionary());
        long next = from;
        while (next < to && !IsFull)
        {
            await _log.ReadAsync(_stream.Name, partition, next, _records, cancellationToken).ConfigureAwait(false);
            if (_records.Count == 0)
            {
                throw new BatchException(
                    $"Stream '{_stream.Name}', partition {partition}: the log ends at offset {next}, but was to be archived up to {to}. Its newest "
                    + "records have been lost; restore the log, or give the stream a new name.");
            }

            cancellationToken.ThrowIfCancellationRequested();
            next = Take(partition, to, decoder, events);
        }

        _events.Add(new DecodedRun(events, unknown));
        _ranges.Add(partition, new OffsetRange(from, next));
    }

    /// <summary>Decodes what was read, records at or behind the end aside.</summary>
    /// <returns>The next offset to read.</returns>
    private long Take(int partition, long to, JsonEventDecoder decoder, EventBatch events)
    {
        int count = 0;
        while (count < _records.Count && _records.Offset(count) < to)
        {
            count++;
        }

        events.EnsureCapacity(events.Count + count);
        for (int i = 0; i < count; i++)
        {
            if (decoder.Decode(_records.Value(i), partition, _records.Offset(i), _records.AppendedAt(i), events) is { } refusal)
            {
                _rejected.Add(new QuarantinedRecord(
                    _stream.Name, partition, _records.Offset(i), _records.AppendedAt(i), refusal.Reason, refusal.Detail,
                    _records.Key(i).ToArray(), _records.Value(i).ToArray()));
            }

            _byteCount += _records.Value(i).Length;
        }

        _recordCount += count;
        return count == _records.Count ? _records.Offset(count - 1) + 1 : to;
    }
}

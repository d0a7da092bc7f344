using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Lambda.Batch.History;
using Lambda.Batch.Recompute;
using Lambda.Events;
using Lambda.Log;
using Lambda.Replays;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Archive;

/// <summary>
/// Gives the history back as the records it was made of. Events are written as JSON again, from which the decoder makes the same columns, so that a replay takes them
/// the way that records of the log take; records that could not be decoded are there as they came. Files are not in the order of offsets, so a run of offsets is read
/// from all that may have some of it, and sorted.
/// </summary>
internal sealed class ArchivedRecords(BatchStreams streams) : IArchivedRecords
{
    /// <summary>How many records are wanted at once. Offsets need not be dense, so how many offsets that takes is found out from run to run.</summary>
    private const int UsualRecords = 1 << 16;

    /// <summary>A run of more records or bytes is read again as a shorter one.</summary>
    private const int MostRecords = 2 * UsualRecords;
    private const int MostBytes = 64 << 20;

    private readonly ConcurrentDictionary<StreamPartition, long> _spans = new();

    public async ValueTask<Boundary> FindEndAsync(string stream, CancellationToken cancellationToken) =>
        (await streams.PinAsync(stream, cancellationToken).ConfigureAwait(false)).End;

    public async ValueTask ReadAsync(
        string stream, int partition, long from, long to, RecordBatch destination, CancellationToken cancellationToken)
    {
        try
        {
            await ReadRunAsync(stream, partition, from, to, destination, cancellationToken).ConfigureAwait(false);
        }
        catch (HistoryException error)
        {
            throw new EventLogException($"The history of stream '{stream}' cannot be read from offset {from} of partition {partition} on: {error.Message}", error);
        }
    }

    private async Task ReadRunAsync(
        string stream, int partition, long from, long to, RecordBatch destination, CancellationToken cancellationToken)
    {
        BatchStream opened = await streams.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
        IArchiveSnapshot archive = await opened.Archive.PinAsync(cancellationToken).ConfigureAwait(false);
        if (archive.Start[partition] > from)
        {
            // Nothing before that was ever to be archived.
            destination.BeginRead(from);
            destination.SkipTo(Math.Min(to, archive.Start[partition]));
            return;
        }

        StreamPartition place = new(stream, partition);
        long span = Math.Min(to - from, _spans.GetValueOrDefault(place, UsualRecords));
        while (!await TryReadAsync(opened.Definition, archive, partition, from, from + span, destination, cancellationToken).ConfigureAwait(false))
        {
            span = Math.Max(1, span / 2);
        }

        bool isFew = destination.Count < UsualRecords / 4 && destination.ByteCount < MostBytes / 4;
        _spans[place] = isFew ? Math.Min(span, long.MaxValue / 8) * 4 : span;
    }

    /// <summary>Reads a run of offsets; false when its records are too large to be read at once and it can be shorter.</summary>
    private static async Task<bool> TryReadAsync(
        StreamDefinition stream,
        IArchiveSnapshot archive,
        int partition,
        long from,
        long to,
        RecordBatch destination,
        CancellationToken cancellationToken)
    {
        destination.BeginRead(from);
        ArchiveRange range = new(Only(archive, partition, from, long.MaxValue), Only(archive, partition, to, 0));
        ArrayBufferWriter<byte> buffer = new(1024);
        using Utf8JsonWriter json = new(buffer);
        using IArchiveReader reader = archive.OpenReader(Projection.Everything(stream.Schema), new StringDictionary(), range);
        foreach (DateOnly date in archive.DatesFrom(range.From!))
        {
            await foreach (EventBatch events in reader.ReadAsync(date, cancellationToken).ConfigureAwait(false))
            {
                for (int row = 0; row < events.Count; row++)
                {
                    buffer.ResetWrittenCount();
                    json.Reset();
                    EventJson.Write(json, events, row);
                    json.Flush();
                    byte[] key = stream.PartitionKey is { } member ? EventJson.Key(events[member]!, row) : [];
                    destination.Add(events.Offsets[row], events.AppendedAt[row], key, buffer.WrittenSpan);
                }

                if ((destination.ByteCount > MostBytes || destination.Count > MostRecords) && to - from > 1)
                {
                    return false;
                }
            }
        }

        await foreach (QuarantinedRecord record in archive.ReadQuarantineAsync(range.From!, range.Below, cancellationToken).ConfigureAwait(false))
        {
            destination.Add(record.Offset, record.AppendedAt, record.Key.Span, record.Value.Span);
        }

        destination.SortByOffset();
        destination.SkipTo(Math.Max(to, destination.NextOffset));
        return true;
    }

    /// <summary>A boundary at an offset of one partition, and the same one in all others.</summary>
    private static Boundary Only(IArchiveSnapshot archive, int partition, long offset, long others) => new(
        Enumerable.Range(0, archive.End.Partitions).Select(number => number == partition ? offset : others));
}

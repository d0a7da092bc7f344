using System.Buffers;
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
    /// <summary>How many offsets are read at once, unless their records are large.</summary>
    private const long OffsetsAtOnce = 1 << 16;

    /// <summary>Records of more bytes than these are read in shorter runs of offsets.</summary>
    private const int MostBytes = 64 << 20;

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

        long end = Math.Min(to, from + OffsetsAtOnce);
        while (!await TryReadAsync(opened.Definition, archive, partition, from, end, destination, cancellationToken).ConfigureAwait(false))
        {
            end = from + ((end - from) / 2);
        }
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

                if (destination.ByteCount > MostBytes && to - from > 1)
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

using Lambda.Aggregation.Encoding;
using Lambda.Events;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>Partials of a view as bytes.</summary>
internal static class PartialBatchCodec
{
    /// <summary>Writes some rows.</summary>
    public static void Write(ByteWriter writer, PartialBatch partials, int first, int end)
    {
        writer.WriteUnsigned((ulong)(end - first));
        foreach (ColumnBuffer column in Columns(partials))
        {
            ColumnCodec.Write(writer, column, first, end);
        }
    }

    /// <summary>Reads what was written of partials of the same layout.</summary>
    /// <exception cref="FormatException">The bytes are no such partials.</exception>
    public static PartialBatch Read(ref ByteReader reader, PartialLayout layout)
    {
        PartialBatch partials = new(layout);
        int count = reader.ReadCount();
        foreach (ColumnBuffer column in Columns(partials))
        {
            ColumnCodec.Read(ref reader, column, count);
        }

        return partials;
    }

    private static IEnumerable<ColumnBuffer> Columns(PartialBatch partials)
    {
        IEnumerable<ColumnBuffer> positions = partials.Positions is { } places ? [places.Partitions, places.Offsets] : [];
        IEnumerable<ColumnBuffer> sessions = partials.LiveSessions is { } live ? [live.Starts, live.Ends] : [];
        return
        [
            .. partials.Keys, partials.Starts, partials.Ends, partials.Missed, partials.EventCounts, .. positions, .. sessions, .. partials.States,
        ];
    }
}

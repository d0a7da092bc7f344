using Lambda.Events;
using Lambda.Events.Json;

namespace Lambda.Log;

/// <summary>Decodes what was read from a log.</summary>
internal static class RecordDecoding
{
    /// <summary>Adds all good records to <paramref name="destination"/> and all others to <paramref name="rejected"/>.</summary>
    public static void Decode(
        this JsonEventDecoder decoder, RecordBatch records, int partition, EventBatch destination, List<RejectedRecord> rejected)
    {
        destination.EnsureCapacity(destination.Count + records.Count);
        for (int i = 0; i < records.Count; i++)
        {
            if (decoder.Decode(records.Value(i), partition, records.Offset(i), records.AppendedAt(i), destination) is { } refusal)
            {
                rejected.Add(new RejectedRecord(i, refusal));
            }
        }
    }
}

/// <summary>A record that was not decoded.</summary>
/// <param name="Index">Its place in the batch of records.</param>
/// <param name="Refusal">Why.</param>
internal readonly record struct RejectedRecord(int Index, Refusal Refusal);

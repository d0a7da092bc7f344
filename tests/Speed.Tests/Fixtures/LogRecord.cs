using System.Text;
using Lambda.Events;
using Lambda.Log;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>A record with what must become of it.</summary>
/// <param name="Key">Chooses the partition.</param>
/// <param name="Value">The bytes.</param>
/// <param name="Event">The event; null when it cannot be decoded or lies too far in the future, and so has no say in the watermark.</param>
/// <param name="Refusal">Why it belongs in quarantine; null for a good one.</param>
public sealed record LogRecord(byte[] Key, byte[] Value, Reading? Event, RejectReason? Refusal)
{
    public static LogRecord Of(Reading reading) => new(
        Encoding.UTF8.GetBytes(reading.Sensor ?? ""),
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(reading, System.Text.Json.JsonSerializerOptions.Web),
        reading,
        Fragile.Fails(reading) ? RejectReason.ExpressionFailed : null);

    public static LogRecord Bad(RejectReason reason, byte[] value, string key = "") => new(Encoding.UTF8.GetBytes(key), value, null, reason);

    public static LogRecord Bad(RejectReason reason, string value, string key = "") => Bad(reason, Encoding.UTF8.GetBytes(value), key);
}

internal static class LogRecords
{
    /// <summary>The records as a log of one partition would give them, cut after each of <paramref name="cuts"/>.</summary>
    public static IEnumerable<RecordBatch> Batches(IReadOnlyList<LogRecord> records, IEnumerable<int> cuts, Func<int, long> appendedAt)
    {
        int start = 0;
        foreach (int end in cuts.Append(records.Count))
        {
            RecordBatch batch = new();
            for (int i = start; i < end; i++)
            {
                batch.Add(i, appendedAt(i), records[i].Key, records[i].Value);
            }

            start = end;
            yield return batch;
        }
    }

    /// <summary>What the log makes of the records: per partition by offset.</summary>
    public static List<(int Partition, long Offset, LogRecord Record)> Place(IEnumerable<LogRecord> records, int partitions)
    {
        long[] next = new long[partitions];
        List<(int Partition, long Offset, LogRecord Record)> placed = [];
        foreach (LogRecord record in records)
        {
            // Records without a key are spread by their content.
            int partition = KeyPartitioner.Partition(record.Key.Length == 0 ? record.Value : record.Key, partitions);
            placed.Add((partition, next[partition]++, record));
        }

        return placed;
    }
}

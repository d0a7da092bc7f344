using System.Text;
using Lambda.Log;
using Xunit;

namespace Lambda.Tests.Log;

/// <summary>A record as tests compare it.</summary>
public sealed record ReadRecord(long Offset, long AppendedAt, string Key, string Value);

internal static class LogTesting
{
    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task AppendAsync(this IEventLog log, string stream, params (string Key, string Value)[] records)
    {
        using var batch = new RecordBatch();
        foreach ((string key, string value) in records)
        {
            batch.Add(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        }

        await log.AppendAsync(stream, batch, Cancel);
    }

    /// <summary>Reads a partition from an offset to its end, in batches of the given limits.</summary>
    public static async Task<List<ReadRecord>> ReadAllAsync(
        this IEventLog log, string stream, int partition, long from = 0, int maxRecords = 100, int maxBytes = 1 << 20)
    {
        var records = new List<ReadRecord>();
        using var batch = new RecordBatch(maxRecords, maxBytes);
        for (long next = from; ;)
        {
            await log.ReadAsync(stream, partition, next, batch, Cancel);
            if (batch.Count == 0)
            {
                return records;
            }

            for (int i = 0; i < batch.Count; i++)
            {
                records.Add(new ReadRecord(
                    batch.Offset(i), batch.AppendedAt(i), Encoding.UTF8.GetString(batch.Key(i)), Encoding.UTF8.GetString(batch.Value(i))));
            }

            next = batch.Offset(batch.Count - 1) + 1;
        }
    }

    public static void AssertDense(IReadOnlyList<ReadRecord> records, long from = 0)
    {
        for (int i = 0; i < records.Count; i++)
        {
            Assert.Equal(from + i, records[i].Offset);
            Assert.True(i == 0 || records[i].AppendedAt >= records[i - 1].AppendedAt, $"The append time falls at offset {records[i].Offset}.");
        }
    }
}

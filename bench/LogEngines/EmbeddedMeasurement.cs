using System.Diagnostics;
using System.Globalization;
using Lambda.Log;
using Lambda.Log.Embedded;

namespace Lambda.LogEngines;

/// <summary>What the finished log reaches, all its work included: hashing of keys, copying, synced group commits, reading into batches.</summary>
internal static class EmbeddedMeasurement
{
    private const string Stream = "bench";
    private const int Appenders = 64;
    private const int SingleAppends = Appenders * 4_000;
    private const int Rounds = 3;

    public static async Task RunAsync(string root)
    {
        Console.WriteLine("| what | records/s | managed bytes per record |");
        Console.WriteLine("|---|---|---|");
        var results = new List<(string What, double Rate, double Bytes)>();
        for (int round = 0; round < Rounds; round++)
        {
            string folder = Path.Combine(root, Guid.NewGuid().ToString("N"));
            try
            {
                await MeasureAsync(folder, results);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        foreach (IGrouping<string, (string What, double Rate, double Bytes)> group in results.GroupBy(r => r.What))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {group.Key} | {group.Max(r => r.Rate):N0} | {group.Min(r => r.Bytes):F2} |"));
        }
    }

    private static async Task MeasureAsync(string folder, List<(string What, double Rate, double Bytes)> results)
    {
        var options = new EmbeddedLogOptions { Folder = folder };
        await using (EmbeddedLog log = EmbeddedLog.Open(options, TimeProvider.System))
        {
            await log.EnsureStreamAsync(Stream, Workload.Partitions, CancellationToken.None);
            results.Add(await AppendAsync(log, "append, one caller, batches of 1,000", 1_000, callers: 1, Workload.Records));
            results.Add(await AppendAsync(log, "append, one caller, batches of 10,000", 10_000, callers: 1, Workload.Records));
            results.Add(await AppendAsync(log, "append, 4 callers, batches of 1,000", 1_000, callers: 4, Workload.Records));
            results.Add(await AppendAsync(log, $"append, {Appenders} callers, one record each", 1, Appenders, SingleAppends));
            results.Add(await TimeAsync("read, partition by partition", () => ReadAsync(log)));
        }

        var clock = Stopwatch.StartNew();
        await using (EmbeddedLog log = EmbeddedLog.Open(options, TimeProvider.System))
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"opened again in {clock.ElapsedMilliseconds} ms"));
            results.Add(await TimeAsync("read after a restart", () => ReadAsync(log)));
        }
    }

    private static async Task<(string What, double Rate, double Bytes)> TimeAsync(string what, Func<Task<long>> work)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        var clock = Stopwatch.StartNew();
        long records = await work();
        double seconds = clock.Elapsed.TotalSeconds;
        return (what, records / seconds, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)records);
    }

    private static async Task<(string What, double Rate, double Bytes)> AppendAsync(
        EmbeddedLog log, string what, int batchRecords, int callers, int records)
    {
        RecordBatch[] batches = [.. Enumerable.Range(0, callers).Select(caller => Fill(batchRecords, caller))];
        return await TimeAsync(what, async () =>
        {
            await Task.WhenAll(batches.Select(batch => Task.Run(async () =>
            {
                for (int done = 0; done < records / callers; done += batchRecords)
                {
                    await log.AppendAsync(Stream, batch, CancellationToken.None);
                }
            })));
            return records;
        });
    }

    private static async Task<long> ReadAsync(EmbeddedLog log)
    {
        long records = 0;
        using var batch = new RecordBatch();
        for (int partition = 0; partition < Workload.Partitions; partition++)
        {
            long end = (await log.GetOffsetsAsync(Stream, partition, CancellationToken.None)).End;
            for (long next = 0; next < end; next += batch.Count)
            {
                await log.ReadAsync(Stream, partition, next, batch, CancellationToken.None);
                records += batch.Count;
            }
        }

        return records;
    }

    /// <summary>Records of the workload's length, ten bytes of them a key.</summary>
    private static RecordBatch Fill(int records, int seed)
    {
        const int KeyBytes = 10;
        var batch = new RecordBatch(records, int.MaxValue);
        byte[] bytes = Workload.Group(seed);
        for (int i = 0; i < records; i++)
        {
            ReadOnlySpan<byte> record = bytes.AsSpan(i % Workload.GroupRecords * Workload.RecordBytes, Workload.RecordBytes);
            batch.Add(record[..KeyBytes], record[KeyBytes..]);
        }

        return batch;
    }
}

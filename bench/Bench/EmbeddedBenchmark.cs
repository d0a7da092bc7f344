using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Speed;
using Lambda.Speed.Partitions;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Views;
using Lambda.Views.Plans;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Bench;

/// <summary>
/// The whole speed layer in one process: durable appends → log → decode → windows → committed in the store, with four partitions. Two figures: with
/// everything appended before (a backlog), and while it is appended.
/// </summary>
internal static class EmbeddedBenchmark
{
    private const int Partitions = 4;

    public static async Task RunAsync(int copies, int rounds)
    {
        List<RecordBatch> batches = FlightFile.ReadRecords(copies);
        long records = batches.Sum(batch => (long)batch.Count);
        for (int round = 0; round < rounds; round++)
        {
            await MeasureAsync("backlog", batches, records, appendFirst: true);
            await MeasureAsync("live", batches, records, appendFirst: false);
        }
    }

    private static async Task MeasureAsync(string name, List<RecordBatch> batches, long records, bool appendFirst)
    {
        string folder = Directory.CreateTempSubdirectory("lambda-bench-").FullName;
        try
        {
            await using EmbeddedLog log = EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Path.Combine(folder, "log") }, TimeProvider.System);
            await using EmbeddedViewStore store = await EmbeddedViewStore.OpenAsync(
                new EmbeddedStoreOptions { Folder = Path.Combine(folder, "store") }, TimeProvider.System, CancellationToken.None);
            StreamDefinition stream = Flight.Stream(Partitions);
            await log.EnsureStreamAsync(stream.Name, Partitions, CancellationToken.None);
            await store.RegisterAsync(
                new StreamRegistration(stream.Name, Partitions, [.. stream.Views.Select(view => view.Layout)]), CancellationToken.None);
            StreamPlan plan = new(stream);
            if (appendFirst)
            {
                await AppendAsync(log, stream.Name, batches);
            }

            long allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
            TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
            long started = Stopwatch.GetTimestamp();
            using CancellationTokenSource stop = new();
            CommittedOffsets committed = new();
            Task[] tasks = [.. Enumerable.Range(0, Partitions).Select(partition => Follow(plan, partition, log, store, committed, stop.Token))];
            if (!appendFirst)
            {
                await AppendAsync(log, stream.Name, batches);
            }

            long[] ends = new long[Partitions];
            for (int partition = 0; partition < Partitions; partition++)
            {
                ends[partition] = (await log.GetOffsetsAsync(stream.Name, partition, CancellationToken.None)).End;
            }

            await committed.WaitAsync(stream.Name, ends, CancellationToken.None);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            double cpu = (Environment.CpuUsage.TotalTime - cpuBefore).TotalSeconds;
            double allocated = (double)(GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore) / records;
            await stop.CancelAsync();
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Console.WriteLine(
                $"embedded {name,-8}: {records / seconds / 1e3,7:F0} k events/s, {cpu * 1e6 / records,5:F2} µs CPU/event (all threads), "
                + $"{allocated,6:F1} B allocated/event (store and commits included)");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task Follow(
        StreamPlan plan, int partition, EmbeddedLog log, EmbeddedViewStore store, CommittedOffsets committed, CancellationToken stop)
    {
        ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        PartitionTask task = new(
            plan, partition, log, store, SpeedOptions.Default, TimeProvider.System, committed,
            new SpeedMetrics(services.GetRequiredService<IMeterFactory>()));
        return Task.Run(() => task.RunAsync(stop), CancellationToken.None);
    }

    private static async Task AppendAsync(EmbeddedLog log, string stream, List<RecordBatch> batches)
    {
        foreach (RecordBatch batch in batches)
        {
            await log.AppendAsync(stream, batch, CancellationToken.None);
        }
    }
}

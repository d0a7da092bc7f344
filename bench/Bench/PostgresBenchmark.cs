using System.Diagnostics;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Lambda.Views;

namespace Lambda.Bench;

/// <summary>
/// Commits of the speed layer to a PostgreSQL server that the benchmark starts and ends: how long they take at a steady rate, what a partial costs as commits
/// grow, and how long readers and writers wait while a large generation goes live.
/// </summary>
internal static class PostgresBenchmark
{
    private const int Partitions = 4;
    private const int TouchedPerCommit = 200;
    private const int OffsetsPerCommit = 1_000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private static readonly PartialLayout Layout = Flight.Stream(Partitions).Views[0].Layout;

    /// <param name="seconds">How long each steady rate is held.</param>
    public static async Task RunAsync(int seconds)
    {
        // Commits are durable: fsync is on, as it is where nobody has turned it off.
        await using PostgresCluster cluster = await PostgresCluster.StartAsync(
            "fsync = on", "shared_buffers = 1GB", "max_wal_size = 8GB", "checkpoint_timeout = 15min");
        foreach (int live in (int[])[10_000, 1_000_000])
        {
            PostgresStoreOptions options = new() { ConnectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync()) };
            await using PostgresViewStore store = await PostgresViewStore.OpenAsync(options, TimeProvider.System, CancellationToken.None);
            await store.RegisterAsync(new StreamRegistration(Layout.Stream, Partitions, [Layout]), CancellationToken.None);
            PartitionWriter[] writers = await Task.WhenAll(Enumerable.Range(0, Partitions).Select(
                partition => PartitionWriter.FillAsync(store, Layout, partition, live / Partitions, OffsetsPerCommit)));
            await SteadyAsync(writers, TimeSpan.FromSeconds(3));
            Report(
                $"{Partitions} × {TouchedPerCommit} of {live:N0} partials every {Interval.TotalMilliseconds} ms",
                await SteadyAsync(writers, TimeSpan.FromSeconds(seconds)));
            foreach (int touched in (int[])[50, 200, 1_000, 5_000, 20_000])
            {
                await FullSpeedAsync(writers, Math.Min(touched, live / Partitions));
            }

            if (live == 1_000_000)
            {
                await PublishAsync(store, writers, live);
            }
        }
    }

    private static async Task<List<double>> SteadyAsync(PartitionWriter[] writers, TimeSpan length)
    {
        List<double>[] times = await Task.WhenAll(writers.Select(writer => Task.Run(async () =>
        {
            List<double> taken = [];
            using PeriodicTimer timer = new(Interval);
            for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < length;)
            {
                await timer.WaitForNextTickAsync();
                taken.Add(await writer.CommitAsync(TouchedPerCommit));
            }

            return taken;
        })));
        return [.. times.SelectMany(taken => taken)];
    }

    private static async Task FullSpeedAsync(PartitionWriter[] writers, int touched)
    {
        const int Rows = 100_000;
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        int commits = Math.Max(3, Rows / Partitions / touched);
        await Task.WhenAll(writers.Select(writer => Task.Run(async () =>
        {
            for (int i = 0; i < commits; i++)
            {
                await writer.CommitAsync(touched);
            }
        })));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        long rows = (long)commits * touched * writers.Length;
        double cpu = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        Console.WriteLine(
            $"postgres full speed, commits of {touched,6:N0}: {rows / seconds / 1e3,6:F1} k partials/s, {commits * writers.Length / seconds,6:F0} commits/s, "
            + $"{cpu * 1e6 / rows,5:F1} µs of our CPU a partial");
    }

    /// <summary>Reads and commits go on while a generation of as many partials goes live.</summary>
    private static async Task PublishAsync(PostgresViewStore store, PartitionWriter[] writers, int partials)
    {
        foreach (PartitionWriter writer in writers)
        {
            await writer.SealAsync();
        }

        BatchLease lease = (await store.TryAcquireLeaseAsync(Layout.Stream, "bench", TimeSpan.FromMinutes(10), CancellationToken.None))!;
        Boundary boundary = new(writers.Select(writer => writer.NextOffset));
        long generation = await store.BeginGenerationAsync(lease, new GenerationPlan(1, boundary, [Layout]), CancellationToken.None);
        long started = Stopwatch.GetTimestamp();
        await store.WriteGenerationAsync(lease, generation, PartialKind.Kept, NumberedPartials.Of(Layout, 0, partials, 1), CancellationToken.None);
        Console.WriteLine($"postgres generation of {partials:N0} partials written at {partials / Stopwatch.GetElapsedTime(started).TotalSeconds / 1e3:F0} k/s");
        using CancellationTokenSource stop = new();
        Task<List<double>> reads = Task.Run(async () =>
        {
            List<double> taken = [];
            ViewRead one = new(Layout, WindowRange.All, new Dictionary<int, object?> { [0] = "origin 00007" }, ReadScope.Merged);
            while (!stop.IsCancellationRequested)
            {
                long begun = Stopwatch.GetTimestamp();
                await store.ReadViewAsync(one, CancellationToken.None);
                taken.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }

            return taken;
        });
        Task<List<double>> commits = SteadyAsync(writers, TimeSpan.FromSeconds(4));
        await Task.Delay(TimeSpan.FromSeconds(2));
        started = Stopwatch.GetTimestamp();
        AuditReport passed = new(Layout.Stream, generation, DateTimeOffset.UtcNow, AuditOutcome.Passed, []);
        await store.PublishAsync(lease, generation, new Publication(passed, [], []), CancellationToken.None);
        Console.WriteLine($"postgres publication of {partials:N0} partials: {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F1} ms");
        Report("commits while it goes live", await commits);
        await stop.CancelAsync();
        Report("reads of one key while it goes live", await reads);
    }

    private static void Report(string what, List<double> milliseconds)
    {
        milliseconds.Sort();
        Console.WriteLine(
            $"postgres {what}: p50 {milliseconds[milliseconds.Count / 2]:F1} ms, p99 {milliseconds[milliseconds.Count * 99 / 100]:F1} ms, "
            + $"most {milliseconds[^1]:F1} ms, {milliseconds.Count} of them");
    }
}

using System.Diagnostics;
using System.Globalization;
using Lambda.Definition;
using Lambda.Hosting;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;
using Lambda.TestSupport.Kafka;
using Lambda.TestSupport.Postgres;
using Microsoft.Extensions.Configuration;

namespace Lambda.Bench.Fresh;

/// <summary>
/// How old an event is when a merged query over HTTP first shows it, while events are appended at a steady rate. The platform runs as <c>run</c> has
/// it, with its defaults, schedules included; load and markers are appended in its process, queries come by loopback connections that are kept. In
/// the end all events must be there once.
/// </summary>
internal static class FreshBenchmark
{
    private const string Embedded = "embedded";
    private const string Kafka = "kafka";
    private const int Partitions = 4;

    /// <summary>On the first of January.</summary>
    private const string Seldom = "0 0 1 1 *";

    /// <param name="options">
    /// <c>--store embedded</c> or <c>kafka</c>, which is Kafka and PostgreSQL; <c>--rate</c> events a second (100,000); <c>--seconds</c> (30);
    /// <c>--watchers</c> that wait for a marker each (2); <c>--poll</c> milliseconds between the end of a query and the next (5); <c>--batch none</c>
    /// to leave out archiving and recomputing, which have their usual schedules otherwise.
    /// </param>
    public static async Task RunAsync(string[] options)
    {
        OptionPairs pairs = new(options, "store", "rate", "seconds", "watchers", "poll", "batch");
        string storage = pairs.Text("store", Embedded);
        int rate = pairs.Number("rate", 100_000);
        TimeSpan length = TimeSpan.FromSeconds(pairs.Number("seconds", 30));
        TimeSpan pause = TimeSpan.FromMilliseconds(pairs.Number("poll", 5));
        string root = Directory.CreateTempSubdirectory("lambda-bench-fresh-").FullName;
        await using KafkaBroker? kafka = storage == Kafka ? await KafkaBroker.StartAsync() : null;
        await using PostgresCluster? postgres = storage == Kafka
            ? await PostgresCluster.StartAsync("fsync = on", "shared_buffers = 512MB", "max_wal_size = 4GB")
            : null;
        try
        {
            Dictionary<string, string?> settings = [];
            if (kafka is not null && postgres is not null)
            {
                settings["Lambda:Kafka:BootstrapServers"] = kafka.Bootstrap;
                settings["Lambda:Postgres:ConnectionString"] = postgres.ConnectionString(await postgres.CreateDatabaseAsync());
            }

            if (pairs.Text("batch", "scheduled") == "none")
            {
                settings["Lambda:ArchiveSchedule"] = Seldom;
                settings["Lambda:RecomputeSchedule"] = Seldom;
            }

            Catalog catalog = Flight.Catalog(Partitions);
            Application application = new("bench", catalog, [], new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
            HostSettings host = HostSettings.Read(application, new GivenSettings { Data = root, Urls = "http://127.0.0.1:0" });
            using DataFolder folder = DataFolder.Open(root, "bench");
            await using Platform platform = await Platform.StartAsync(application, host, folder, PlatformRole.Serve, CancellationToken.None);
            using HttpClient client = new() { BaseAddress = platform.Address };
            int count = pairs.Number("watchers", 2);
            Watcher[] watchers = [.. Enumerable.Range(0, count).Select(number => new Watcher(platform.Log, client, number, pause))];
            SteadyLoad load = new(platform.Log, rate);

            // The first seconds are the compiler's.
            await MeasureAsync(load, watchers, TimeSpan.FromSeconds(5));
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            long started = Stopwatch.GetTimestamp();
            Measured measured = await MeasureAsync(load, watchers, length);
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            double used = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"fresh, {storage}, {measured.Events / seconds / 1e3:F1} k events/s of {rate / 1e3:F1} k wanted, "
                + $"{used / seconds:F2} cores of our process, load {MachineLoad.Now}"));
            Console.WriteLine($"fresh, {storage}, append of a batch of the load: {measured.Appends}");
            Console.WriteLine($"fresh, {storage}, append of a marker until durable: {measured.MarkerAppends}");
            Console.WriteLine($"fresh, {storage}, a query: {measured.Queries}");
            Console.WriteLine($"fresh, {storage}, from before the append to the end of the first query that shows it: {measured.Ages}");
            Console.WriteLine($"fresh, {storage}, to the beginning of that query, when it was visible at the latest: {measured.Visible}");
            await Exactness.RequireAsync(client, load, watchers);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<Measured> MeasureAsync(SteadyLoad load, Watcher[] watchers, TimeSpan length)
    {
        using CancellationTokenSource stop = new(length);
        Task<SteadyLoad.Appended> appending = Task.Run(() => load.RunAsync(stop.Token));
        Sighting[][] sightings = await Task.WhenAll(watchers.Select(watcher => Task.Run(() => watcher.RunAsync(stop.Token))));
        SteadyLoad.Appended appended = await appending;
        Sighting[] all = [.. sightings.SelectMany(seen => seen)];
        return new Measured(
            appended.Events + all.Length,
            appended.Waits,
            new Waits(all.Select(sighting => sighting.Append.TotalMilliseconds)),
            Waits.Of(watchers.Select(watcher => watcher.TakeQueries())),
            new Waits(all.Select(sighting => sighting.Shown.TotalMilliseconds)),
            new Waits(all.Select(sighting => sighting.Asked.TotalMilliseconds)));
    }

    private sealed record Measured(long Events, Waits Appends, Waits MarkerAppends, Waits Queries, Waits Ages, Waits Visible);
}

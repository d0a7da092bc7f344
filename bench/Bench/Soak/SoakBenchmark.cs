using System.Diagnostics;
using System.Globalization;
using System.Text;
using Lambda.Hosting;
using Lambda.Hosting.Composition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;
using Lambda.Store;
using Lambda.TestSupport.Kafka;
using Lambda.TestSupport.Postgres;
using Microsoft.Extensions.Configuration;

namespace Lambda.Bench.Soak;

/// <summary>
/// Whether memory stays what the settings say, however many events pass: the platform runs as <c>run</c> has it while visits are sent as fast as it
/// computes them and every form of window opens, closes and refuses. It fails when memory grows, and when the totals are not those of what was sent.
/// </summary>
internal static class SoakBenchmark
{
    private const int Partitions = 4;
    private const int Parts = 10;

    /// <summary>On the first of January.</summary>
    private const string Seldom = "0 0 1 1 *";

    /// <summary>A log that is deleted record by record still keeps its newest segment: it is to be a small one.</summary>
    private const string SegmentBytes = "33554432";

    private static readonly TimeSpan Beginning = TimeSpan.FromDays(2);

    /// <summary>What the allocator has is counted block by block: after each append, it took a sixth of the processors.</summary>
    private static readonly TimeSpan BetweenReadings = TimeSpan.FromMilliseconds(200);

    /// <param name="arguments">
    /// <c>--store embedded</c> or <c>kafka</c>, which is Kafka and PostgreSQL; <c>--millions</c> of events (100); <c>--line</c>, after how many millions one
    /// is printed (5); <c>--batch none</c>, <c>archive</c> (the default) or <c>all</c>, which recomputes too; <c>--growth</c>, by how many percent memory may
    /// grow (15); <c>--epoch-megabytes</c>, what the epoch of a partition may take (16, so that many of them come and go; the product's default is 128);
    /// <c>--store-megabytes</c> of the embedded store, whose default it leaves.
    /// </param>
    /// <returns>0 when memory stayed flat, 1 when it grew.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        SoakOptions options = SoakOptions.Read(arguments);
        string root = Directory.CreateTempSubdirectory("lambda-bench-soak-").FullName;
        await using KafkaBroker? kafka = options.IsKafka ? await KafkaBroker.StartAsync("log.retention.check.interval.ms=5000") : null;
        await using PostgresCluster? postgres = options.IsKafka
            ? await PostgresCluster.StartAsync("fsync = on", "shared_buffers = 512MB", "max_wal_size = 2GB")
            : null;
        try
        {
            Dictionary<string, string?> settings = SettingsOf(options);
            if (kafka is not null && postgres is not null)
            {
                settings["Lambda:Kafka:BootstrapServers"] = kafka.Bootstrap;
                settings["Lambda:Kafka:TopicSettings:segment.bytes"] = SegmentBytes;
                settings["Lambda:Kafka:TopicSettings:file.delete.delay.ms"] = "1000";
                settings["Lambda:Postgres:ConnectionString"] = postgres.ConnectionString(await postgres.CreateDatabaseAsync());
            }

            Application application = new("soak", Visit.Catalog(Partitions), [], new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
            HostSettings host = HostSettings.Read(application, new GivenSettings { Data = root, Urls = "http://127.0.0.1:0" });
            using SoakCounts counts = new();
            using DataFolder folder = DataFolder.Open(root, "soak");
            await using Platform platform = await Platform.StartAsync(application, host, folder, PlatformRole.Serve, CancellationToken.None);
            return await RunAsync(options, platform, counts, root) ? 0 : 1;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static Dictionary<string, string?> SettingsOf(SoakOptions options)
    {
        bool archives = options.Batch != BatchWork.None;
        return new Dictionary<string, string?>
        {
            ["Lambda:ArchiveSchedule"] = archives ? "* * * * *" : Seldom,
            ["Lambda:CompactSchedule"] = archives ? "*/4 * * * *" : Seldom,
            ["Lambda:ExpireSchedule"] = archives ? "*/3 * * * *" : Seldom,
            ["Lambda:RecomputeSchedule"] = options.Batch == BatchWork.All ? "*/5 * * * *" : Seldom,
            ["Lambda:LogRetention"] = archives ? "1s" : null,
            ["Lambda:CompareRetention"] = "10m",
            ["Lambda:MaxEpochBytes"] = $"{(long)options.EpochMegabytes << 20}",
            ["Lambda:StoreMemoryMegabytes"] = options.StoreMegabytes?.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static async Task<bool> RunAsync(SoakOptions options, Platform platform, SoakCounts counts, string root)
    {
        DateTime start = DateTime.UtcNow.Date - VisitMaker.Length(options.Events) - Beginning;
        using HttpClient client = new() { BaseAddress = platform.Address };
        SoakReader reader = new(client, start);
        SoakLoad load = new(platform.Log, platform.Store, new VisitMaker(start), options.Batch == BatchWork.None);
        using CancellationTokenSource stop = new();
        Task reading = Task.Run(() => reader.RunAsync(() => load.Sent, stop.Token));
        MemoryReading[] peaks = new MemoryReading[Parts];
        long part = options.Events / Parts;
        long lastReading = 0;
        while (load.Sent < options.Events)
        {
            long before = load.Sent;
            long peak = 0;
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            long started = Stopwatch.GetTimestamp();
            await load.SendAsync(Math.Min(options.Stretch, options.Events - before), () =>
            {
                if (Stopwatch.GetElapsedTime(lastReading) < BetweenReadings)
                {
                    return;
                }

                lastReading = Stopwatch.GetTimestamp();
                MemoryReading now = MemoryReading.Take();
                peak = Math.Max(peak, now.Resident);
                ref MemoryReading most = ref peaks[Math.Min(Parts - 1, (load.Sent - 1) / part)];
                most = most.Max(now);
            });
            TimeSpan took = Stopwatch.GetElapsedTime(started);
            Print(load.Sent, load.Sent - before, took, Environment.CpuUsage.TotalTime - cpu, peak, counts, root);
            if (reading.IsFaulted)
            {
                await reading;
            }
        }

        await stop.CancelAsync();
        await reading;
        await load.WaitAsync(0);
        bool isFlat = Judge(peaks, options);
        Console.WriteLine($"soak: {reader.Queries:N0} queries were answered meanwhile");
        if (options.Batch == BatchWork.All)
        {
            await RecomputeAsync(client, platform.Store, load.Sent);
        }

        await SoakTotals.RequireAsync(reader, counts, start, load.Sent, options.Batch == BatchWork.All);
        return isFlat;
    }

    private static void Print(long sent, long events, TimeSpan took, TimeSpan cpu, long peak, SoakCounts counts, string root)
    {
        MemoryReading memory = MemoryReading.Take();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{sent / 1e6,5:F0} M events, {events / took.TotalSeconds / 1e3,5:F0} k/s, {cpu.TotalMicroseconds / events,5:F2} µs of CPU an event | "
            + $"RSS {Mega(memory.Resident),6} MB, most {Mega(peak),6} | heap {Mega(memory.Heap),5}, live {Mega(memory.Live),5}, committed {Mega(memory.Committed),5}, "
            + $"native {Mega(memory.Native),5}, of it allocated {Mega(memory.Malloc),5} of {Mega(NativeHeap.Read().Held),5} | {counts["lambda.speed.partials"] / 1e6,6:F1} M partials, {counts["lambda.speed.epochs"],4} epochs, "
            + $"{Mega(BytesIn(root)),6} MB in the folder, load {MachineLoad.Now}"));
    }

    /// <summary>
    /// Holds the second half against the first without its first tenth, which is the start. The second tenth alone tells less: until the store's cache is as large as
    /// it may get, a database has to be larger than that, and epochs have to have ended.
    /// </summary>
    private static bool Judge(MemoryReading[] peaks, SoakOptions options)
    {
        long most = peaks[(Parts / 2)..].Max(part => part.Resident);
        double growth = GrowthOf(most, peaks[1..(Parts / 2)].Max(part => part.Resident));
        bool isFlat = growth <= options.Growth;
        Console.WriteLine($"soak: most RSS by tenths, in MB: {Tenths(part => part.Resident)}");
        Console.WriteLine($"soak: most of it native: {Tenths(part => part.Native)}");
        Console.WriteLine($"soak: most allocated by native code: {Tenths(part => part.Malloc)}");
        Console.WriteLine($"soak: most left by a full collection: {Tenths(part => part.Live)}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"soak: the most of the last five tenths is {growth:+0.0;-0.0} % of that of the second to the fifth, {GrowthOf(most, peaks[1].Resident):+0.0;-0.0} % of "
            + $"the second's: {(isFlat ? "flat" : $"it GREW by more than {options.Growth} %")}"));
        return isFlat;

        string Tenths(Func<MemoryReading, long> of) => string.Join(", ", peaks.Select(part => Mega(of(part))));
    }

    private static double GrowthOf(long late, long early) => (((double)late / early) - 1) * 100;

    private static async Task RecomputeAsync(HttpClient client, IViewStore store, long sent)
    {
        using StringContent body = new($$"""{"stream": "{{Visit.StreamName}}"}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await client.PostAsync(new Uri("api/batch/runs", UriKind.Relative), body);
        answer.EnsureSuccessStatusCode();
        StreamStatus? status;
        do
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            status = await store.ReadStreamAsync(Visit.StreamName, CancellationToken.None);
        }
        while (status?.CurrentGeneration?.Boundary.Offsets.Sum() != sent);
    }

    private static long Mega(long bytes) => bytes / 1_000_000;

    private static long BytesIn(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(LengthOf);

    /// <summary>Nothing for one that is gone since it was found.</summary>
    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}

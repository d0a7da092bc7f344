using System.Diagnostics;
using System.Globalization;
using Lambda.Definition;
using Lambda.Hosting.Composition;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Log.Kafka;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Kafka;
using Lambda.TestSupport.Postgres;
using Lambda.Time;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Bench.Recovery;

/// <summary>
/// A process with so many live partials in its store is killed while it takes events, and started again. What counts is the time from the start of
/// the process until it has committed events that it took after it: it has opened log and store, claimed its partitions, computed what the one before
/// it had not committed, and gone on.
/// </summary>
internal static class RecoveryBenchmark
{
    private const string Embedded = "embedded";
    private const string Postgres = "postgres";
    private const string Kafka = "kafka";
    private const string ConnectionString = "LAMBDA_Postgres__ConnectionString";
    private const string Brokers = "LAMBDA_Kafka__BootstrapServers";
    private const string TopicPrefix = "LAMBDA_Kafka__TopicPrefix";

    /// <param name="options">
    /// <c>--store</c> <c>embedded</c> or <c>postgres</c>, both with the embedded log, or <c>kafka</c> for PostgreSQL with the log in Kafka;
    /// <c>--live</c> millions of partials, with commas between (1,10); <c>--windows hours</c> or <c>sessions</c>; <c>--rounds</c> of killing (3);
    /// <c>--instance NAME</c> for a static member of the group of Kafka.
    /// </param>
    public static async Task RunAsync(string[] options)
    {
        OptionPairs pairs = new(options, "store", "live", "windows", "rounds", "instance");
        string storage = pairs.Text("store", Embedded);
        string form = pairs.Text("windows", ServeCommand.Hours);
        await using PostgresCluster? postgres = storage == Embedded ? null : await PostgresCluster.StartAsync(
            "fsync = on", "shared_buffers = 1GB", "max_wal_size = 8GB", "checkpoint_timeout = 15min");
        await using KafkaBroker? kafka = storage == Kafka ? await KafkaBroker.StartAsync() : null;
        foreach (string millions in pairs.Text("live", "1,10").Split(','))
        {
            int live = (int)(double.Parse(millions, CultureInfo.InvariantCulture) * 1_000_000);
            string folder = Directory.CreateTempSubdirectory("lambda-bench-recovery-").FullName;
            try
            {
                Dictionary<string, string> settings = [];
                if (postgres is not null)
                {
                    settings[ConnectionString] = postgres.ConnectionString(await postgres.CreateDatabaseAsync());
                }

                if (kafka is not null)
                {
                    settings[Brokers] = kafka.Bootstrap;
                    settings[TopicPrefix] = $"live-{live}-";
                    if (pairs.Text("instance", "") is { Length: > 0 } instance)
                    {
                        settings["LAMBDA_Kafka__ConsumerSettings__group.instance.id"] = instance;
                    }
                }

                await PrepareAsync(form, folder, settings, live);
                await KillAsync($"{storage}, {live:N0} live partials of {form}", form, folder, settings, pairs.Number("rounds", 3));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Gives the store its partials, as if the speed layer had computed the first few events of each partition into them.</summary>
    private static async Task PrepareAsync(string form, string folder, Dictionary<string, string> settings, int live)
    {
        Catalog catalog = ServeCommand.Catalog(form);
        long started = Stopwatch.GetTimestamp();
        await using IEventLog log = OpenLog(folder, settings);
        await using IViewStore store = await OpenStoreAsync(folder, settings);
        await new StreamRegistry(log, store).RegisterAsync(catalog, CancellationToken.None);
        await log.AppendAsync(Flight.StreamName, FlightFile.ReadRecordsByDate(0)[0], CancellationToken.None);
        PartialLayout layout = catalog.Views.Last().Layout;
        await Task.WhenAll(Enumerable.Range(0, ServeCommand.Partitions).Select(
            partition => Task.Run(() => PartitionWriter.FillAsync(store, layout, partition, live / ServeCommand.Partitions, 1))));
        Console.WriteLine($"recovery: {live:N0} partials written in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
    }

    private static async Task KillAsync(string what, string form, string folder, Dictionary<string, string> settings, int rounds)
    {
        byte[][] events = [.. FlightFile.ReadRecordsByDate(1).Select(Lines)];
        int next = 0;
        byte[] Events() => events[Interlocked.Increment(ref next) % events.Length];
        List<double> recoveries = [];
        for (int round = 0; round <= rounds; round++)
        {
            long started = Stopwatch.GetTimestamp();
            await using ServedApp app = ServedApp.Start(form, folder, settings);
            await app.ListenAsync();
            double listens = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Standing first = await app.ReadAsync();
            double answers = Stopwatch.GetElapsedTime(started).TotalSeconds;
            await app.PostAsync(Events());
            await app.CatchUpAsync();
            double commits = Stopwatch.GetElapsedTime(started).TotalSeconds;
            string name = round == 0 ? "first start" : $"kill {round}";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"recovery, {what}, {name}: listens after {listens:F2} s, answers after {answers:F2} s with "
                + $"{first.Appended - first.Committed:N0} events behind, has committed new events after {commits:F2} s and "
                + $"{app.CpuTime.TotalSeconds:F2} s of its CPU, load {MachineLoad.Now}"));
            if (round > 0)
            {
                recoveries.Add(commits);
            }

            // Killed with events in every stage: on their way in, in the log, computed, being committed.
            Task load = LoadAsync(app, Events);
            await Task.Delay(TimeSpan.FromSeconds(3));
            await app.KillAsync();
            await load;
        }

        await OpenAsync(what, form, folder, settings);
        recoveries.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"recovery, {what}: consuming again after {recoveries[recoveries.Count / 2]:F2} s (median of {rounds}), {recoveries[^1]:F2} s at most"));
    }

    /// <summary>What of a start is the opening of what the last kill has left, in a process that is warm.</summary>
    private static async Task OpenAsync(string what, string form, string folder, Dictionary<string, string> settings)
    {
        long started = Stopwatch.GetTimestamp();
        await using IEventLog log = OpenLog(folder, settings);
        double logSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        started = Stopwatch.GetTimestamp();
        await using IViewStore store = await OpenStoreAsync(folder, settings);
        double storeSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        started = Stopwatch.GetTimestamp();
        PartitionClaim claim = await store.ClaimAsync(Flight.StreamName, 0, CancellationToken.None);
        double claimSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        started = Stopwatch.GetTimestamp();
        int live = 0;
        foreach (ViewDefinition view in ServeCommand.Catalog(form).Views)
        {
            if (view.Window is SessionWindows sessions)
            {
                long allowedLateness = UtcMicroseconds.From(TimeSpan.FromMinutes(15));
                LiveSessionBound bound = new(TimeWindow.LeastEndNotRefused(claim.MaxEventTime ?? 0, allowedLateness), sessions.Gap);
                live += (await store.ReadLiveSessionsAsync(view.Layout, view.Stream, 0, bound, CancellationToken.None)).Count;
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"recovery, {what}: opening took the log {logSeconds:F2} s and the store {storeSeconds:F2} s, a partition {claimSeconds:F2} s "
            + $"to claim and {Stopwatch.GetElapsedTime(started).TotalSeconds:F2} s to find {live:N0} live sessions"));
    }

    private static IEventLog OpenLog(string folder, Dictionary<string, string> settings) => settings.TryGetValue(Brokers, out string? brokers)
        ? KafkaLog.Open(new KafkaOptions { BootstrapServers = brokers, TopicPrefix = settings[TopicPrefix] }, TimeProvider.System)
        : EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Path.Combine(folder, "log") }, TimeProvider.System);

    private static async Task<IViewStore> OpenStoreAsync(string folder, Dictionary<string, string> settings) =>
        settings.TryGetValue(ConnectionString, out string? connection)
            ? await PostgresViewStore.OpenAsync(
                new PostgresStoreOptions { ConnectionString = connection }, TimeProvider.System, CancellationToken.None)
            : await EmbeddedViewStore.OpenAsync(
                new EmbeddedStoreOptions { Folder = Path.Combine(folder, "store") }, TimeProvider.System, CancellationToken.None);

    private static async Task LoadAsync(ServedApp app, Func<byte[]> events)
    {
        try
        {
            while (true)
            {
                await app.PostAsync(events());
            }
        }
        catch (HttpRequestException)
        {
            // It was killed.
        }
    }

    private static byte[] Lines(RecordBatch records)
    {
        using MemoryStream lines = new();
        for (int i = 0; i < records.Count; i++)
        {
            lines.Write(records.Value(i));
            lines.WriteByte((byte)'\n');
        }

        records.Dispose();
        return lines.ToArray();
    }
}

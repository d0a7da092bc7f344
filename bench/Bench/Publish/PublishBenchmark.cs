using System.Diagnostics;
using System.Globalization;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Lambda.Views;
using Lambda.Views.Partials;
using Npgsql;

namespace Lambda.Bench.Publish;

/// <summary>
/// How long readers wait while generations of many rows go live one after the other, in PostgreSQL with durable commits, while the speed layer
/// commits. What counts is the longest read that was under way at a publication or in the second behind it, against what the same reads took when
/// nothing else was done.
/// </summary>
internal static class PublishBenchmark
{
    private const int Partitions = 4;
    private const int LiveRows = 10_000;
    private const int TouchedPerCommit = 200;

    /// <summary>From which time on the server notes that somebody waits for a lock.</summary>
    private const string LongLock = "10ms";

    private static readonly PartialLayout Layout = Flight.Stream(Partitions).Views[0].Layout;

    /// <param name="options">
    /// <c>--rows N</c> of a generation (1,000,000), <c>--rounds N</c> publications (3), <c>--corrections N</c> that go live with each (10,000),
    /// <c>--seconds N</c> of quiet reading (10).
    /// </param>
    public static async Task RunAsync(string[] options)
    {
        OptionPairs pairs = new(options, "rows", "rounds", "corrections", "seconds");
        int rows = pairs.Number("rows", 1_000_000);
        int rounds = pairs.Number("rounds", 3);
        int corrections = pairs.Number("corrections", 10_000);
        TimeSpan quiet = TimeSpan.FromSeconds(pairs.Number("seconds", 10));
        await using PostgresCluster cluster = await PostgresCluster.StartAsync(
            "fsync = on",
            "shared_buffers = 1GB",
            "max_wal_size = 8GB",
            "checkpoint_timeout = 15min",
            "log_lock_waits = on",
            $"deadlock_timeout = {LongLock}");
        string connection = cluster.ConnectionString(await cluster.CreateDatabaseAsync());
        await using PostgresViewStore store = await PostgresViewStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = connection }, TimeProvider.System, CancellationToken.None);
        await store.RegisterAsync(new StreamRegistration(Layout.Stream, Partitions, [Layout]), CancellationToken.None);
        PartitionWriter[] writers = await Task.WhenAll(
            Enumerable.Range(0, Partitions).Select(partition => PartitionWriter.FillAsync(store, Layout, partition, LiveRows / Partitions, 1_000)));
        BatchLease lease = (await store.TryAcquireLeaseAsync(Layout.Stream, "bench", TimeSpan.FromHours(1), CancellationToken.None))!;
        await PublishAsync(store, lease, await WriteAsync(store, lease, writers, rows), rows, 0);
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connection);
        Reader[] readers = Readers(store, database, rows);
        using CancellationTokenSource stop = new();
        Task reading = Task.WhenAll(
        [
            .. readers.Select(reader => Task.Run(() => reader.RunAsync(stop.Token))), .. writers.Select(writer => CommitAsync(writer, stop.Token)),
        ]);

        // The first second is the plans' and the caches'.
        await Task.Delay(TimeSpan.FromSeconds(1));
        long quietFrom = Stopwatch.GetTimestamp();
        await Task.Delay(quiet);
        long quietTo = Stopwatch.GetTimestamp();
        List<(long From, long To)> writes = [];
        List<(long From, long To)> publications = [];
        for (int round = 0; round < rounds; round++)
        {
            long begun = Stopwatch.GetTimestamp();
            long generation = await WriteAsync(store, lease, writers, rows);
            long written = Stopwatch.GetTimestamp();
            await Task.Delay(TimeSpan.FromSeconds(2));
            long started = Stopwatch.GetTimestamp();
            double seconds = await PublishAsync(store, lease, generation, rows, corrections);
            await Task.Delay(TimeSpan.FromSeconds(1));
            writes.Add((begun, written));
            publications.Add((started, Stopwatch.GetTimestamp()));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"publish: {rows:N0} rows written in {Stopwatch.GetElapsedTime(begun, written).TotalSeconds:F1} s, "
                + $"live with {corrections:N0} corrections in {seconds * 1000:F1} ms, load {MachineLoad.Now}"));
        }

        await stop.CancelAsync();
        await reading;
        int locks = await CountLockWaitsAsync(database);
        Console.WriteLine($"publish: by the server's log, readers waited {locks} times for a lock for {LongLock} or longer");
        foreach (Reader reader in readers)
        {
            Waits usual = reader.During(quietFrom, quietTo);
            Console.WriteLine($"publish, {reader.Name}, usual: {usual}");
            Console.WriteLine($"publish, {reader.Name}, while generations are written: {During(reader, writes)}");
            Waits live = During(reader, publications);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"publish, {reader.Name}, while they go live: {live}; longest {live.Longest - usual.Percentile(50):F1} ms above the usual median, "
                + $"{live.Longest - usual.Longest:F1} ms above the usual longest"));
        }
    }

    private static Waits During(Reader reader, List<(long From, long To)> stretches) =>
        Waits.Of(stretches.Select(stretch => reader.During(stretch.From, stretch.To)));

    private static Reader[] Readers(PostgresViewStore store, NpgsqlDataSource database, int rows)
    {
        long last = rows / NumberedPartials.KeysPerHour * NumberedPartials.Hour;
        WindowRange day = new(last - (24 * NumberedPartials.Hour), last);
        ViewRead oneKey = new(Layout, day, new Dictionary<int, object?> { [0] = NumberedPartials.Key(7) }, ReadScope.Merged);
        ViewRead allKeys = new(Layout, day, new Dictionary<int, object?>(), ReadScope.Merged);
        return
        [
            new("a key's day", async () => Require(await store.ReadViewAsync(oneKey, CancellationToken.None), 24)),
            new(
                "a day of all keys",
                async () => Require(await store.ReadViewAsync(allKeys, CancellationToken.None), 24 * NumberedPartials.KeysPerHour)),
            new("a day of all keys by the SQL view", () => ReadSqlAsync(database, day)),
        ];
    }

    /// <summary>No publication may let a reader see two generations, or none.</summary>
    private static void Require(ViewSnapshot snapshot, int rows)
    {
        int found = snapshot.Batch[PartialKind.Kept].Count;
        if (found != rows)
        {
            throw new InvalidOperationException($"A reader saw {found} rows of generation {snapshot.Generation?.Generation} instead of {rows}.");
        }
    }

    private static async Task ReadSqlAsync(NpgsqlDataSource database, WindowRange range)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            """
            SELECT count(*) FROM (
                SELECT origin, window_start, flights FROM lambda_views."flights.hourly_by_origin" WHERE window_end > $1 AND window_end <= $2) AS read
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = DateTime.UnixEpoch.AddMicroseconds(range.From) });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = DateTime.UnixEpoch.AddMicroseconds(range.To) });
        long found = (long)(await command.ExecuteScalarAsync())!;
        if (found != 24 * NumberedPartials.KeysPerHour)
        {
            throw new InvalidOperationException($"The SQL view shows {found} rows.");
        }
    }

    /// <summary>
    /// Who only reads takes no lock but that on the tables and views themselves; this tells waiting from being slow, whatever else the machine does.
    /// </summary>
    private static async Task<int> CountLockWaitsAsync(NpgsqlDataSource database)
    {
        await using NpgsqlCommand command = database.CreateCommand("SHOW data_directory");
        string data = (string)(await command.ExecuteScalarAsync())!;
        return File.ReadLines(Path.Combine(Path.GetDirectoryName(data)!, "server.log"))
            .Count(line => line.Contains("still waiting for AccessShareLock", StringComparison.Ordinal));
    }

    private static async Task CommitAsync(PartitionWriter writer, CancellationToken stop)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100));
        while (!stop.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            await writer.CommitAsync(TouchedPerCommit);
        }
    }

    private static async Task<long> WriteAsync(PostgresViewStore store, BatchLease lease, PartitionWriter[] writers, int rows)
    {
        const int BatchRows = 50_000;
        Boundary boundary = new(await Task.WhenAll(writers.Select(writer => writer.SealAsync())));
        long generation = await store.BeginGenerationAsync(lease, new GenerationPlan(1, boundary, [Layout]), CancellationToken.None);
        for (int first = 0; first < rows; first += BatchRows)
        {
            PartialBatch batch = NumberedPartials.Of(Layout, first, Math.Min(BatchRows, rows - first), generation);
            await store.WriteGenerationAsync(lease, generation, PartialKind.Kept, batch, CancellationToken.None);
        }

        return generation;
    }

    private static async Task<double> PublishAsync(PostgresViewStore store, BatchLease lease, long generation, int rows, int corrections)
    {
        AuditReport passed = new(Layout.Stream, generation, DateTimeOffset.UtcNow, AuditOutcome.Passed, []);
        IEnumerable<int> corrected = Enumerable.Range(Math.Max(0, rows - corrections), Math.Min(rows, corrections));
        Publication publication = new(passed, [.. corrected.Select(Correct)], []);
        long started = Stopwatch.GetTimestamp();
        await store.PublishAsync(lease, generation, publication, CancellationToken.None);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static Correction Correct(int number)
    {
        const string Before = """{"flights":1,"totalDelay":10,"meanDistance":500.5,"minDelay":-3,"maxDelay":13}""";
        const string After = """{"flights":2,"totalDelay":20,"meanDistance":510.5,"minDelay":-3,"maxDelay":23}""";
        long start = number / NumberedPartials.KeysPerHour * NumberedPartials.Hour;
        return new Correction(
            Layout.View,
            Layout.Version,
            $"{{\"origin\":\"{NumberedPartials.Key(number)}\"}}",
            start,
            start + NumberedPartials.Hour,
            Before,
            After,
            new CorrectionReasons(1, 0, 0, 0));
    }
}

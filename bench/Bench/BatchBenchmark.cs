using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using DuckDB.NET.Data;
using Lambda.Batch;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Telemetry;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Views;
using Lambda.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Bench;

/// <summary>
/// A full recompute from the history (read, drop repetitions, row checks, windows) against DuckDB's SQL over the same Parquet files, turn by turn in one
/// process with two threads each, of two views, tumbling and sliding. The answers are compared row by row. DuckDB is measured twice: answering the two GROUP BYs
/// alone, and with the repetitions dropped, which is what the recompute does. Then runs over one percent of new events, written, audited and published, against runs over
/// everything, turn by turn; their generations are compared too.
/// </summary>
internal static class BatchBenchmark
{
    private const int Partitions = 4;
    private const int Threads = 2;
    private const int NewRounds = 6;
    private const int NewShare = 100;

    public static async Task RunAsync(int copies, int rounds)
    {
        string folder = Directory.CreateTempSubdirectory("lambda-bench-").FullName;
        try
        {
            using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
            BatchMetrics metrics = new(services.GetRequiredService<IMeterFactory>());
            await using EmbeddedLog log = EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Path.Combine(folder, "log") }, TimeProvider.System);
            Catalog catalog = Flight.Catalog(Partitions, Sliding);
            await using EmbeddedViewStore store = await EmbeddedViewStore.OpenAsync(
                new EmbeddedStoreOptions { Folder = Path.Combine(folder, "store") }, TimeProvider.System, CancellationToken.None);
            await store.RegisterAsync(
                new StreamRegistration("flights", Partitions, [.. catalog.Streams[0].Views.Select(view => view.Layout)]), CancellationToken.None);
            using BatchStreams streams = new(catalog, log, store, new LocalObjectStorage(Path.Combine(folder, "history")), TimeProvider.System);
            BatchStream stream = await streams.OpenAsync("flights", CancellationToken.None);
            List<RecordBatch> batches = FlightFile.ReadRecords(copies);
            int share = Math.Max(1, batches.Count / NewShare);
            int old = batches.Count - (NewRounds * share);
            long records = await ArchiveAsync(log, store, stream, metrics, batches.Take(old));
            HistoryMaintenance maintenance = new(
                new LocalObjectStorage(Path.Combine(folder, "history")), store, TimeProvider.System, BatchOptions.Default, NullLogger<HistoryMaintenance>.Instance);
            await maintenance.CompactAsync(stream.Definition, CancellationToken.None);
            IArchiveSnapshot archive = await stream.Archive.PinAsync(CancellationToken.None);

            using DuckDBConnection duckdb = new("DataSource=:memory:");
            duckdb.Open();
            Execute(duckdb, $"SET threads = {Threads}");
            using LocalFiles history = await archive.OpenFilesAsync(CancellationToken.None);
            string files = string.Join(", ", history.Paths.Select(file => $"'{file}'"));
            Console.WriteLine($"batch: {records} events in {history.Paths.Count} files");
            List<double> ours = [];
            List<double> plain = [];
            List<double> distinct = [];
            for (int round = -1; round < rounds; round++)
            {
                (double Seconds, string Answer) recomputed = await RecomputeAsync(stream, archive);
                (double Seconds, string Answer) grouped = Query(duckdb, $"read_parquet([{files}])");
                (double Seconds, string Answer) deduplicated = Query(
                    duckdb, $"(SELECT DISTINCT ON (id, date) * FROM read_parquet([{files}]) ORDER BY id, date, _offset, _partition)");
                if (recomputed.Answer != grouped.Answer || recomputed.Answer != deduplicated.Answer)
                {
                    throw new InvalidOperationException("The answers differ.");
                }

                if (round >= 0)
                {
                    ours.Add(recomputed.Seconds);
                    plain.Add(grouped.Seconds);
                    distinct.Add(deduplicated.Seconds);
                }
            }

            double our = Median(ours);
            Console.WriteLine($"recompute                     {our,7:F3} s   {records / our / 1e6:F2} M events/s");
            Console.WriteLine($"DuckDB, GROUP BYs alone       {Median(plain),7:F3} s   ratio DuckDB / ours {Median(plain) / our:F2}");
            Console.WriteLine($"DuckDB, repetitions dropped   {Median(distinct),7:F3} s   ratio DuckDB / ours {Median(distinct) / our:F2}");
            await MeasureNewAsync(log, store, stream, metrics, [.. batches.Skip(old).Chunk(share).Take(NewRounds)]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The second view: the same, an hour every quarter of one.</summary>
    private static void Sliding(StreamBuilder<Flight> flights) => flights.View("sliding_by_origin")
        .GroupBy(f => f.Origin)
        .Window(Lambda.Windows.Sliding.Every(slide: TimeSpan.FromMinutes(15), size: TimeSpan.FromHours(1)))
        .AllowedLateness(TimeSpan.FromMinutes(5))
        .Aggregate(a => new
        {
            Flights = a.Count(),
            TotalDelay = a.Sum(f => f.Delay),
            MeanDistance = a.Average(f => f.Distance),
            MinDelay = a.Min(f => f.Delay),
            MaxDelay = a.Max(f => f.Delay),
        });

    /// <summary>Appends copies of the flights and archives them.</summary>
    public static Task<long> ArchiveAsync(
        EmbeddedLog log, EmbeddedViewStore store, BatchStream stream, BatchMetrics metrics, int copies) =>
        ArchiveAsync(log, store, stream, metrics, FlightFile.ReadRecords(copies));

    private static async Task<long> ArchiveAsync(
        EmbeddedLog log, EmbeddedViewStore store, BatchStream stream, BatchMetrics metrics, IEnumerable<RecordBatch> batches)
    {
        long records = 0;
        foreach (RecordBatch batch in batches)
        {
            await log.AppendAsync(stream.Name, batch, CancellationToken.None);
            records += batch.Count;
        }

        StreamArchiver archiver = new(log, store, new BatchOptions(), metrics);
        long started = Stopwatch.GetTimestamp();
        await archiver.ArchiveAsync(stream, await archiver.ReadLogEndAsync(stream, CancellationToken.None), CancellationToken.None);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine($"archive: {records / seconds / 1e3:F0} k events/s, log → committed Parquet");
        return records;
    }

    private static async Task MeasureNewAsync(
        EmbeddedLog log, EmbeddedViewStore store, BatchStream stream, BatchMetrics metrics, IReadOnlyList<RecordBatch[]> arrivals)
    {
        BatchOptions options = BatchOptions.Default with { Workers = Threads, SealTimeout = TimeSpan.Zero };
        Auditor auditor = new([new ContinuityCheck(), new ConservationCheck(store, BatchOptions.Default), new ExplanationCheck()], TimeProvider.System);
        RecomputeRun run = new(
            store,
            log,
            new StreamPinning(
                store, new StreamArchiver(log, store, options, metrics), options, TimeProvider.System, metrics, NullLogger<StreamPinning>.Instance),
            new HistoryComputer(options),
            auditor,
            options,
            TimeProvider.System,
            metrics,
            NullLogger<RecomputeRun>.Instance);
        await RunAsync(run, store, stream, RunScope.All);
        List<double> added = [];
        List<double> all = [];
        for (int round = 0; round < arrivals.Count; round++)
        {
            long records = await ArchiveAsync(log, store, stream, metrics, arrivals[round]);
            if (round % 2 == 1)
            {
                // The same work for corrections and audit as the run before had: one more percent is new.
                all.Add((await RunAsync(run, store, stream, RunScope.All)).Seconds);
                continue;
            }

            (double Seconds, string Answer, RunResult Result) some = await RunAsync(run, store, stream, RunScope.New);
            (double Seconds, string Answer, RunResult Result) whole = await RunAsync(run, store, stream, RunScope.All);
            if (some.Answer != whole.Answer || some.Result.CarriedFrom is null || some.Result.Rows != records)
            {
                throw new InvalidOperationException($"The generations differ, or all was computed. {some.Result.Message}");
            }

            added.Add(some.Seconds);
            Console.WriteLine($"{records} new of {whole.Result.Rows} events: {some.Seconds:F3} s");
        }

        Console.WriteLine($"a run over new events         {Median(added),7:F3} s   {Median(added) / Median(all):P1} of one over everything");
        Console.WriteLine($"a run over everything         {Median(all),7:F3} s   computed, written, audited and published");
    }

    private static async Task<(double Seconds, string Answer, RunResult Result)> RunAsync(
        RecomputeRun run, EmbeddedViewStore store, BatchStream stream, RunScope scope)
    {
        long started = Stopwatch.GetTimestamp();
        RunResult result = await run.RunAsync(
            stream,
            RunRequest.OnDemand with { Order = new BatchRunOrder(scope, RunPurpose.Publish) },
            new Progress<RunProgress>(),
            CancellationToken.None);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        WindowComposer composer = new(stream.Definition.Views[0]);
        PartialSource source = composer.AddSource(PartialSelection.Accepted, SourceRole.Result);
        await foreach (PartialBatch partials in store.ReadGenerationAsync(
            stream.Definition.Views[0].Layout, result.Generation!.Value, PartialKind.Kept, WindowRange.All, CancellationToken.None))
        {
            composer.Add(source, partials);
        }

        return (seconds, Digest(composer.Compose(TimeWindow.All).Select(row => Line(row.Start, (string)row.Key.Parts[0]!, row.Results))), result);
    }

    private static async Task<(double Seconds, string Answer)> RecomputeAsync(BatchStream stream, IArchiveSnapshot archive)
    {
        long started = Stopwatch.GetTimestamp();
        Computation computation = await Computation.RunAsync(
            stream.Plan, archive, archive.End, BatchOptions.Default with { Workers = Threads }, new Progress<double>(), CancellationToken.None);
        PartialBatch[] partials = [.. stream.Definition.Views.Select((_, view) => computation.Partials.Export(PartialKind.Kept, view))];
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return (seconds, string.Join('\n', partials.Select((batch, view) => Answer(stream.Definition.Views[view], batch))));
    }

    private static string Answer(ViewDefinition view, PartialBatch partials)
    {
        WindowComposer composer = new(view);
        composer.Add(composer.AddSource(PartialSelection.Accepted, SourceRole.Result), partials);
        return Digest(composer.Compose(TimeWindow.All).Select(row => Line(row.Start, (string)row.Key.Parts[0]!, row.Results)));
    }

    /// <summary>The two views in SQL: the sliding one of quarters that are added up, its faster form.</summary>
    private static (double Seconds, string Answer) Query(DuckDBConnection connection, string source)
    {
        (double Seconds, string Answer) hourly = Select(
            connection,
            $"""
            SELECT epoch_us(date_trunc('hour', date)) w, origin, count(*), sum(delay), avg(distance), min(delay), max(delay) FROM {source} GROUP BY ALL
            """);
        (double Seconds, string Answer) sliding = Select(
            connection,
            $"""
            WITH p AS (SELECT epoch_us(date) // 900000000 p, origin, count(*) c, sum(delay) s, sum(distance) d, min(delay) mn, max(delay) mx
                FROM {source} GROUP BY ALL)
            SELECT (p - i) * 900000000 w, origin, sum(c), sum(s), sum(d) / sum(c), min(mn), max(mx) FROM p, (SELECT unnest(range(4)) i) o GROUP BY ALL
            """);
        return (hourly.Seconds + sliding.Seconds, $"{hourly.Answer}\n{sliding.Answer}");
    }

    private static (double Seconds, string Answer) Select(DuckDBConnection connection, string sql)
    {
        long started = Stopwatch.GetTimestamp();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using DuckDBDataReader reader = command.ExecuteReader();
        List<(long Start, string Origin, object[] Values)> rows = [];
        while (reader.Read())
        {
            rows.Add((reader.GetInt64(0), reader.GetString(1), [.. Enumerable.Range(2, 5).Select(reader.GetValue)]));
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return (seconds, Digest(rows.OrderBy(row => row.Start).ThenBy(row => row.Origin, StringComparer.Ordinal)
            .Select(row => Line(row.Start, row.Origin, row.Values))));
    }

    private static string Line(long start, string origin, IEnumerable<object?> values) => string.Create(
        CultureInfo.InvariantCulture, $"{start} {origin} {string.Join(' ', values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)))}");

    private static string Digest(IEnumerable<string> lines) => string.Join('\n', lines);

    private static double Median(List<double> seconds) => seconds.Order().ElementAt(seconds.Count / 2);

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

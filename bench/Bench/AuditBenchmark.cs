using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lambda.Batch;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit;
using Lambda.Batch.Audit.Data;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Telemetry;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Store;
using Lambda.Store.Embedded;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Bench;

/// <summary>What share of a full run (read, compute, write, audit, publish) the data checks take: ten of them over all six columns.</summary>
internal static class AuditBenchmark
{
    private const int Partitions = 4;

    public static async Task RunAsync(int copies, int rounds)
    {
        string folder = Directory.CreateTempSubdirectory("lambda-bench-").FullName;
        try
        {
            using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
            BatchMetrics metrics = new(services.GetRequiredService<IMeterFactory>());
            await using EmbeddedLog log = EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Path.Combine(folder, "log") }, TimeProvider.System);
            Catalog catalog = Flight.Catalog(Partitions, Expect);
            await using EmbeddedViewStore store = await EmbeddedViewStore.OpenAsync(
                new EmbeddedStoreOptions { Folder = Path.Combine(folder, "store") }, TimeProvider.System, CancellationToken.None);
            await store.RegisterAsync(
                new StreamRegistration("flights", Partitions, [.. catalog.Streams[0].Views.Select(view => view.Layout)]), CancellationToken.None);
            using BatchStreams streams = new(catalog, log, store, new LocalObjectStorage(Path.Combine(folder, "history")), TimeProvider.System);
            BatchStream stream = await streams.OpenAsync("flights", CancellationToken.None);
            BatchOptions options = BatchOptions.Default with { SealTimeout = TimeSpan.Zero };
            using AuditEngines engines = new();
            TimedCheck data = new(new DataChecks(new CheckPlanner(streams.PinAsync, store, TimeProvider.System), engines, options));
            Auditor auditor = new([new ContinuityCheck(), new ConservationCheck(store, BatchOptions.Default), new ExplanationCheck(store), data], TimeProvider.System);
            StreamArchiver archiver = new(log, store, options, TimeProvider.System, metrics);
            StreamPinning pinning = new(store, archiver, options, TimeProvider.System, metrics, NullLogger<StreamPinning>.Instance);
            RecomputeRun run = new(
                store, log, pinning, new HistoryComputer(options), auditor, new ReferenceStates(streams.PinAsync), options, TimeProvider.System, metrics, NullLogger<RecomputeRun>.Instance);
            long records = await ArchiveAsync(log, stream, archiver, copies);
            List<double> totals = [];
            List<double> audits = [];
            for (int round = -1; round < rounds; round++)
            {
                long started = Stopwatch.GetTimestamp();
                RunResult result = await run.RunAsync(stream, RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Publish) }, new Progress<RunProgress>(), CancellationToken.None);
                double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                if (result.Report?.Outcome != AuditOutcome.Passed)
                {
                    throw new InvalidOperationException($"The run was not what it should be: {result.Message}");
                }

                if (round >= 0)
                {
                    totals.Add(seconds);
                    audits.Add(data.Seconds);
                    Console.WriteLine($"round {round}: run {seconds:F3} s, of it data checks {data.Seconds:F3} s: {data.Seconds / seconds:P0}");
                }
            }

            Console.WriteLine($"audit: {records} events, {catalog.Streams[0].DataChecks.Count} checks: {Median(audits):F3} s of {Median(totals):F3} s, "
                + $"{Median([.. audits.Zip(totals, (audit, total) => audit / total)]):P0} of the run");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Ten data checks over all six columns.</summary>
    internal static void Expect(StreamBuilder<Flight> stream) => stream
        .Expect(e => e.RowCount(1))
        .Expect(e => e.Completeness(f => f.Destination, 0.9))
        .Expect(e => e.Completeness(f => f.Origin, 0.9))
        .Expect(e => e.Range(f => f.Distance, 0, 100_000))
        .Expect(e => e.Range(f => f.Delay, -10_000, 10_000))
        .Expect(e => e.Pattern(f => f.Origin, "[A-Z0-9]{3}"))
        .Expect(e => e.Pattern(f => f.Destination, "[A-Z0-9]{3}"))
        .Expect(e => e.Range(f => f.Date, DateTime.MinValue, DateTime.MaxValue))
        .Expect(e => e.Freshness(TimeSpan.FromDays(100_000)))
        .Expect(e => e.Uniqueness(f => f.Id));

    private static async Task<long> ArchiveAsync(EmbeddedLog log, BatchStream stream, StreamArchiver archiver, int copies)
    {
        long records = 0;
        foreach (RecordBatch batch in FlightFile.ReadRecords(copies))
        {
            await log.AppendAsync(stream.Name, batch, CancellationToken.None);
            records += batch.Count;
        }

        await archiver.ArchiveAsync(stream, await archiver.ReadLogEndAsync(stream, CancellationToken.None), CancellationToken.None);
        return records;
    }

    private static double Median(List<double> seconds) => seconds.Order().ElementAt(seconds.Count / 2);

    /// <summary>Measures how long a check took the last time.</summary>
    private sealed class TimedCheck(IAuditCheck check) : IAuditCheck
    {
        public double Seconds { get; private set; }

        public async Task<IReadOnlyList<CheckResult>> RunAsync(AuditSubject subject, CancellationToken cancellationToken)
        {
            long started = Stopwatch.GetTimestamp();
            IReadOnlyList<CheckResult> results = await check.RunAsync(subject, cancellationToken);
            Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            return results;
        }
    }
}

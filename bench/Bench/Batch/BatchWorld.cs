using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lambda.Batch;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit;
using Lambda.Batch.Audit.Data;
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
using Lambda.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Bench.Batch;

/// <summary>A log, a history and a store in a folder, with a stream of flights that has the views T and S and ten data checks.</summary>
internal sealed class BatchWorld : IAsyncDisposable
{
    public const int Threads = 2;
    public const string LogFolder = "log";
    public const string HistoryFolder = "history";
    private const int Partitions = 4;
    private const int RecordsPerArchiving = 1_000_000;

    private static readonly BatchOptions Options = BatchOptions.Default with { Workers = Threads, SealTimeout = TimeSpan.Zero };

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly AuditEngines _engines = new();
    private readonly EmbeddedLog _log;
    private readonly BatchStreams _streams;
    private readonly StreamArchiver _archiver;
    private readonly HistoryMaintenance _maintenance;
    private readonly RecomputeRun _run;

    private BatchWorld(string folder, Catalog catalog, EmbeddedViewStore store)
    {
        Store = store;
        BatchMetrics metrics = new(_services.GetRequiredService<IMeterFactory>());
        _log = EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Path.Combine(folder, LogFolder) }, TimeProvider.System);
        LocalObjectStorage storage = new(Path.Combine(folder, HistoryFolder));
        _streams = new BatchStreams(catalog, _log, store, storage, TimeProvider.System);
        _archiver = new StreamArchiver(_log, store, Options, TimeProvider.System, metrics);
        _maintenance = new HistoryMaintenance(storage, store, TimeProvider.System, Options, NullLogger<HistoryMaintenance>.Instance);
        Auditor auditor = new(
            [new ContinuityCheck(), new ConservationCheck(store, Options), new ExplanationCheck(store), new DataChecks(new CheckPlanner(_streams.PinAsync, store, TimeProvider.System), _engines, Options)],
            TimeProvider.System);
        StreamPinning pinning = new(store, _archiver, Options, TimeProvider.System, metrics, NullLogger<StreamPinning>.Instance);
        _run = new RecomputeRun(
            store, _log, pinning, new HistoryComputer(Options), auditor, new ReferenceStates(_streams.PinAsync), Options, TimeProvider.System, metrics, NullLogger<RecomputeRun>.Instance);
    }

    public EmbeddedViewStore Store { get; }

    public BatchStream Stream { get; private set; } = null!;

    public static async Task<BatchWorld> OpenAsync(string folder)
    {
        Catalog catalog = Flight.Catalog(Partitions, flights =>
        {
            AddSliding(flights);
            AuditBenchmark.Expect(flights);
        });
        EmbeddedViewStore store = await EmbeddedViewStore.OpenAsync(
            new EmbeddedStoreOptions { Folder = Path.Combine(folder, "store") }, TimeProvider.System, CancellationToken.None);
        await store.RegisterAsync(
            new StreamRegistration(Flight.StreamName, Partitions, [.. catalog.Streams[0].Views.Select(view => view.Layout)]), CancellationToken.None);
        BatchWorld world = new(folder, catalog, store);
        world.Stream = await world._streams.OpenAsync(Flight.StreamName, CancellationToken.None);
        return world;
    }

    /// <summary>Appends records and archives them, piece by piece; the log forgets what is archived.</summary>
    /// <returns>How many records there were.</returns>
    public async Task<long> ArchiveAsync(IEnumerable<RecordBatch> batches)
    {
        long records = 0;
        long waiting = 0;
        foreach (RecordBatch batch in batches)
        {
            await _log.AppendAsync(Stream.Name, batch, CancellationToken.None);
            records += batch.Count;
            waiting += batch.Count;
            if (waiting >= RecordsPerArchiving)
            {
                await ArchiveLogAsync();
                waiting = 0;
            }
        }

        await ArchiveLogAsync();
        return records;
    }

    public Task CompactAsync() => _maintenance.CompactAsync(Stream, CancellationToken.None);

    /// <summary>Runs: reads, drops repetitions, computes, writes, audits and publishes.</summary>
    public async Task<(double Seconds, RunResult Result, StepTimes Steps)> RunAsync(RunScope scope)
    {
        StepTimes steps = new();
        long started = Stopwatch.GetTimestamp();
        RunResult result = await _run.RunAsync(
            Stream, RunRequest.OnDemand with { Order = new BatchRunOrder(scope, RunPurpose.Publish) }, steps, CancellationToken.None);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return result.Report?.Outcome == AuditOutcome.Passed
            ? (seconds, result, steps)
            : throw new InvalidOperationException($"The run was not what it should be: {result.Message}");
    }

    /// <summary>Removes generations that do not serve any more.</summary>
    public async Task ExpireAsync()
    {
        BatchLease lease = await Store.TryAcquireLeaseAsync(Stream.Name, "bench", TimeSpan.FromMinutes(10), CancellationToken.None)
            ?? throw new InvalidOperationException("Somebody else holds the stream.");
        await Store.ExpireAsync(lease, DateTimeOffset.UtcNow.AddSeconds(1), CancellationToken.None);
        await Store.ReleaseLeaseAsync(lease, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        _streams.Dispose();
        _engines.Dispose();
        await Store.DisposeAsync();
        await _log.DisposeAsync();
        await _services.DisposeAsync();
    }

    private async Task ArchiveLogAsync()
    {
        ArchiveResult archived = await _archiver.ArchiveAsync(
            Stream, await _archiver.ReadLogEndAsync(Stream, CancellationToken.None), CancellationToken.None);
        for (int partition = 0; partition < Partitions; partition++)
        {
            await _log.TrimAsync(Stream.Name, partition, archived.End[partition], CancellationToken.None);
        }
    }

    /// <summary>The second view: the same as the first, an hour every quarter of one.</summary>
    private static void AddSliding(StreamBuilder<Flight> flights) => flights.View("sliding_by_origin")
        .GroupBy(f => f.Origin)
        .Window(Sliding.Every(slide: TimeSpan.FromMinutes(15), size: TimeSpan.FromHours(1)))
        .AllowedLateness(TimeSpan.FromMinutes(5))
        .Aggregate(a => new
        {
            Flights = a.Count(),
            TotalDelay = a.Sum(f => f.Delay),
            MeanDistance = a.Average(f => f.Distance),
            MinDelay = a.Min(f => f.Delay),
            MaxDelay = a.Max(f => f.Delay),
        });
}

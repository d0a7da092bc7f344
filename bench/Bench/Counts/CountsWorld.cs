using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lambda.Batch;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Telemetry;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Processing;
using Lambda.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Bench.Counts;

/// <summary>A log and a history in a folder, and a store, with a stream of visits that both layers compute.</summary>
internal sealed class CountsWorld : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly IViewStore _store;
    private readonly BatchOptions _options;
    private readonly EmbeddedLog _log;
    private readonly BatchStreams _streams;
    private readonly BatchMetrics _metrics;
    private readonly BatchStream _stream;
    private readonly StreamArchiver _archiver;

    private CountsWorld(IViewStore store, BatchOptions options, EmbeddedLog log, BatchStreams streams, BatchStream stream)
    {
        _store = store;
        _options = options;
        _log = log;
        _streams = streams;
        _stream = stream;
        _metrics = new BatchMetrics(_services.GetRequiredService<IMeterFactory>());
        _archiver = new StreamArchiver(log, store, options, TimeProvider.System, _metrics);
    }

    /// <param name="folder">Where log and history are.</param>
    /// <param name="store">Is disposed with this.</param>
    /// <param name="options">How the batch layer works.</param>
    public static async Task<CountsWorld> OpenAsync(string folder, IViewStore store, BatchOptions options)
    {
        Catalog catalog = Visit.Catalog();
        await store.RegisterAsync(
            new StreamRegistration(Visit.StreamName, Visit.Partitions, [.. catalog.Streams[0].Views.Select(view => view.Layout)]), CancellationToken.None);
        EmbeddedLog log = EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Path.Combine(folder, "log") }, TimeProvider.System);
        BatchStreams streams = new(catalog, log, store, new LocalObjectStorage(Path.Combine(folder, "history")), TimeProvider.System);
        return new CountsWorld(store, options, log, streams, await streams.OpenAsync(Visit.StreamName, CancellationToken.None));
    }

    /// <summary>Appends records, archives them, and has the speed layer compute and seal them.</summary>
    public async Task FillAsync(IEnumerable<RecordBatch> batches)
    {
        foreach (RecordBatch batch in batches)
        {
            await _log.AppendAsync(Visit.StreamName, batch, CancellationToken.None);
        }

        Boundary end = await _archiver.ReadLogEndAsync(_stream, CancellationToken.None);
        await _archiver.ArchiveAsync(_stream, end, CancellationToken.None);
        for (int partition = 0; partition < Visit.Partitions; partition++)
        {
            await ComputeAsync(partition, end[partition]);
        }
    }

    /// <summary>Runs over everything.</summary>
    public async Task<(double Seconds, RunResult Result)> RunAsync(StepPeaks steps)
    {
        Auditor auditor = new([new ContinuityCheck(), new ConservationCheck(_store, _options), new ExplanationCheck(_store), steps], TimeProvider.System);
        StreamPinning pinning = new(_store, _archiver, _options, TimeProvider.System, _metrics, NullLogger<StreamPinning>.Instance);
        RecomputeRun run = new(
            _store, _log, pinning, new HistoryComputer(_options), auditor, new ReferenceStates((_, cancellationToken) => _stream.Archive.PinAsync(cancellationToken).AsTask()),
            _options, TimeProvider.System, _metrics, NullLogger<RecomputeRun>.Instance);
        long started = Stopwatch.GetTimestamp();
        RunResult result = await run.RunAsync(
            _stream, RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Publish) }, steps, CancellationToken.None);
        return result.Report?.Outcome == AuditOutcome.Passed
            ? (Stopwatch.GetElapsedTime(started).TotalSeconds, result)
            : throw new InvalidOperationException($"The run was not what it should be: {result.Message}");
    }

    public async ValueTask DisposeAsync()
    {
        _streams.Dispose();
        await _store.DisposeAsync();
        await _log.DisposeAsync();
        await _services.DisposeAsync();
    }

    private async Task ComputeAsync(int partition, long end)
    {
        const int RecordsPerEpoch = 100_000;
        PartitionPipeline pipeline = new(
            _stream.Plan, partition, await _store.ClaimAsync(Visit.StreamName, partition, CancellationToken.None));
        using RecordBatch read = new(RecordsPerEpoch / 10);
        while (pipeline.NextOffset < end)
        {
            for (int records = 0; records < RecordsPerEpoch && pipeline.NextOffset < end; records += read.Count)
            {
                await _log.ReadAsync(Visit.StreamName, partition, pipeline.NextOffset, read, CancellationToken.None);
                pipeline.Process(read);
            }

            await _store.CommitAsync(pipeline.TakeCommit(EpochRule.Seal), CancellationToken.None);
            pipeline.StartEpoch();
        }
    }
}

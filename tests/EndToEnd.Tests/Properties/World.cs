using System.Diagnostics.Metrics;
using Lambda.Batch;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit;
using Lambda.Batch.Audit.Data;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Telemetry;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.TestSupport.Crashes;
using Lambda.TestSupport.Oracle;
using Lambda.Views.Plans;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>An embedded log, store and history in a folder, which processes come and go over.</summary>
internal sealed class World : IAsyncDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>How long a run waits for a speed layer that may be gone.</summary>
    public static readonly TimeSpan ShortSealTimeout = TimeSpan.FromMilliseconds(300);

    private readonly string _folder = Directory.CreateTempSubdirectory("lambda-world-").FullName;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Dictionary<string, Scan?> _meanings = [];
    private readonly List<OracleRecord<Scan>> _records = [];
    private readonly BatchMetrics _batchMetrics;
    private readonly SparseOffsets? _offsets;
    private readonly long[] _readTo;

    private World(Catalog catalog, SparseOffsets? offsets)
    {
        Catalog = catalog;
        _offsets = offsets;
        _readTo = [.. Enumerable.Range(0, catalog.Streams[0].Partitions).Select(partition => offsets?.Starts[partition] ?? 0)];
        Plan = new StreamPlan(catalog.Streams[0]);
        _batchMetrics = new BatchMetrics(_services.GetRequiredService<IMeterFactory>());
        SpeedMetrics = new SpeedMetrics(_services.GetRequiredService<IMeterFactory>());
    }

    public Catalog Catalog { get; private set; }

    public StreamPlan Plan { get; private set; }

    public int Partitions => Plan.Stream.Partitions;

    private Boundary Starts => _offsets is null ? Boundary.Zero(Partitions) : new Boundary(_offsets.Starts);

    public SpeedMetrics SpeedMetrics { get; }

    public IEventLog Log { get; private set; } = null!;

    public IViewStore Store { get; private set; } = null!;

    /// <summary>What the leases of dead processes run out by.</summary>
    public FakeTimeProvider StoreTime { get; } = new(DateTimeOffset.UnixEpoch.AddYears(60));

    /// <summary>By this clock, vacuums come long after whatever was written before.</summary>
    private FakeTimeProvider VacuumTime { get; } = new(DateTimeOffset.UtcNow);

    /// <summary>Everything in the log, or once in it and read.</summary>
    public IReadOnlyList<OracleRecord<Scan>> Records => _records;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="catalog">What is declared.</param>
    /// <param name="offsets">Where records stand; null when offsets are dense.</param>
    public static async Task<World> CreateAsync(Catalog catalog, SparseOffsets? offsets = null)
    {
        World world = new(catalog, offsets);
        await world.OpenAsync();
        return world;
    }

    /// <summary>Closes log and store, and opens them again.</summary>
    public async Task ReopenAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    /// <summary>Goes on with another definition of the stream, as after a restart of everything.</summary>
    public async Task RedefineAsync(Catalog catalog)
    {
        Catalog = catalog;
        Plan = new StreamPlan(catalog.Streams[0]);
        await ReopenAsync();
    }

    /// <summary>The histories, to be read by replays.</summary>
    public BatchStreams OpenHistories() => new(
        Catalog, Log, Store, HistoryStorage(), TimeProvider.System);

    /// <summary>Appends records at once, and reads back where the log has put them.</summary>
    public async Task AppendAsync(IReadOnlyList<RandomRecord> records)
    {
        using RecordBatch batch = new();
        foreach (RandomRecord record in records)
        {
            batch.Add(record.Key, record.Value);
            _meanings[Convert.ToHexString(record.Value)] = record.Event;
        }

        int before = _records.Count;
        await Log.AppendAsync(ScanViews.Stream, batch, Cancellation);
        long[] ends = await EndsAsync();
        for (int partition = 0; partition < Partitions; partition++)
        {
            using RecordBatch read = new();
            while (_readTo[partition] < ends[partition])
            {
                await Log.ReadAsync(ScanViews.Stream, partition, _readTo[partition], read, Cancellation);
                for (int i = 0; i < read.Count; i++)
                {
                    _records.Add(new OracleRecord<Scan>(partition, read.Offset(i), _meanings[Convert.ToHexString(read.Value(i))]));
                }

                Assert.True(read.NextOffset > _readTo[partition], $"The log gives nothing of partition {partition} from offset {_readTo[partition]} on.");
                _readTo[partition] = read.NextOffset;
            }
        }

        Assert.Equal(before + records.Count, _records.Count);
    }

    /// <summary>Where each partition of the log ends.</summary>
    public async Task<long[]> EndsAsync()
    {
        long[] ends = new long[Partitions];
        for (int partition = 0; partition < Partitions; partition++)
        {
            ends[partition] = (await Log.GetOffsetsAsync(ScanViews.Stream, partition, Cancellation)).End;
        }

        return ends;
    }

    /// <summary>Has the log lose a range of a partition that no layer has come to, and everything before it, and a person accept that.</summary>
    public async Task LoseAsync(int partition, OffsetRange range)
    {
        await Log.TrimAsync(ScanViews.Stream, partition, range.End, Cancellation);
        OffsetRange left = await Log.GetOffsetsAsync(ScanViews.Stream, partition, Cancellation);
        await Store.AcceptGapAsync(
            new LogGap(ScanViews.Stream, partition, range with { End = left.Start }, DateTimeOffset.UnixEpoch), Cancellation);
        _records.RemoveAll(record => record.Partition == partition && record.Offset >= range.Start && record.Offset < left.Start);
    }

    /// <summary>Recomputes as one process of its own would.</summary>
    public async Task<RunResult> RecomputeAsync(DoomedProcess process, int workers, int archiveRun, TimeSpan sealTimeout, RunScope scope = RunScope.New)
    {
        BatchOptions options = new()
        {
            Workers = workers,
            ArchiveRunRecords = archiveRun,
            LeaseDuration = Lease,
            SealTimeout = sealTimeout,
            ComparedEvents = archiveRun,
            SettledRows = archiveRun,
        };
        IViewStore store = process.Wrap(Store);
        IEventLog log = process.Wrap(Log);
        IObjectStorage storage = process.Wrap<IObjectStorage>(HistoryStorage());
        using HistoryArchive archive = await HistoryArchive.OpenAsync(
            storage, Plan.Stream, Starts, TimeProvider.System, Cancellation);
        using AuditEngines engines = new();
        Auditor auditor = new(
            [new ContinuityCheck(), new ConservationCheck(store, options), new ExplanationCheck(store), Data(archive, store, engines)], TimeProvider.System);
        StreamPinning pinning = new(
            store, new StreamArchiver(log, store, options, TimeProvider.System, _batchMetrics), options, TimeProvider.System, _batchMetrics, NullLogger<StreamPinning>.Instance);
        RecomputeRun run = new(
            store, log, pinning, new HistoryComputer(options), auditor, new ReferenceStates((_, cancellationToken) => archive.PinAsync(cancellationToken).AsTask()),
            options, TimeProvider.System, _batchMetrics, NullLogger<RecomputeRun>.Instance);
        RunRequest request = RunRequest.OnDemand with { Order = new BatchRunOrder(scope, RunPurpose.Publish) };
        return await run.RunAsync(new BatchStream(Plan, Partitions, archive), request, new Progress<RunProgress>(), Cancellation);
    }

    /// <summary>Puts files of the history together as one process of its own would, until they have about so many bytes.</summary>
    public async Task CompactAsync(DoomedProcess process, long fileBytes)
    {
        IObjectStorage storage = process.Wrap<IObjectStorage>(HistoryStorage());
        using SemaphoreSlim turn = new(1, 1);
        foreach (TableShape shape in TableShape.Of(Plan.Stream))
        {
            await new TableCompactor(storage, shape, fileBytes, turn, TimeProvider.System).RunAsync(Cancellation);
        }
    }

    /// <summary>Vacuums the history as one process of its own would, when nobody is at work on it.</summary>
    public async Task VacuumAsync(DoomedProcess process)
    {
        VacuumTime.Advance(BatchOptions.Default.HistoryRetention + TimeSpan.FromDays(1));
        await Maintenance(process, process.Wrap<IObjectStorage>(HistoryStorage()), VacuumTime).VacuumAsync(Plan.Stream, VacuumMode.Delete, Cancellation);
    }

    /// <summary>Holds the history against what its logs tell.</summary>
    public async Task<IReadOnlyList<VerifyProblem>> VerifyHistoryAsync() =>
        (await Maintenance(DoomedProcess.Immortal, HistoryStorage(), TimeProvider.System).VerifyAsync(Plan.Stream, Partitions, HistoryPoint.Now, Cancellation)).Problems;

    /// <summary>The files of the history that no version needs which is the newest, or which a generation that is kept was computed from.</summary>
    public async Task<IReadOnlyList<string>> FindOrphansAsync()
    {
        IReadOnlyList<GenerationInfo> generations = await Store.ReadGenerationsAsync(ScanViews.Stream, int.MaxValue, Cancellation);
        LocalObjectStorage storage = HistoryStorage();
        HashSet<string> needed = [];
        foreach (TableShape shape in TableShape.Of(Plan.Stream))
        {
            DeltaLog log = new(storage, shape.Folder, TimeProvider.System);
            if (await log.FindLatestAsync(Cancellation) is not { } latest)
            {
                continue;
            }

            List<DeltaSnapshot> versions = [latest];
            foreach (GenerationInfo generation in shape == TableShape.EventsOf(Plan.Stream) ? generations : [])
            {
                versions.Add(await log.ReadAsync(generation.HistoryVersion, Cancellation));
            }

            needed.UnionWith(versions.SelectMany(version => version.Files).Select(file => $"{shape.Folder}/{DeltaPaths.Decode(file.Path)}"));
        }

        List<string> orphans = [];
        await foreach (StoredObject file in storage.ListAsync("", Cancellation))
        {
            if (!needed.Contains(file.Name) && !file.Name.Contains("/_delta_log/", StringComparison.Ordinal))
            {
                orphans.Add(file.Name);
            }
        }

        return orphans;
    }

    private LocalObjectStorage HistoryStorage() => new LocalObjectStorage(Path.Combine(_folder, "history"));

    private HistoryMaintenance Maintenance(DoomedProcess process, IObjectStorage storage, TimeProvider time) =>
        new(storage, process.Wrap(Store), time, BatchOptions.Default, NullLogger<HistoryMaintenance>.Instance);

    /// <summary>The data checks, none of which points at another stream.</summary>
    private static DataChecks Data(HistoryArchive archive, IViewStore store, AuditEngines engines) =>
        new(new CheckPlanner((_, cancellationToken) => archive.PinAsync(cancellationToken).AsTask(), store, TimeProvider.System), engines, BatchOptions.Default);

    /// <summary>Lets the lease of a process that is gone run out.</summary>
    public void OutliveLease() => StoreTime.Advance(Lease + TimeSpan.FromSeconds(1));

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task OpenAsync()
    {
        IEventLog dense = EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Path.Combine(_folder, "log") }, TimeProvider.System);
        Log = _offsets is null ? dense : new SparseLog(dense, _offsets);
        Store = await EmbeddedViewStore.OpenAsync(new EmbeddedStoreOptions { Folder = Path.Combine(_folder, "store") }, StoreTime, Cancellation);
        await Log.EnsureStreamAsync(ScanViews.Stream, Partitions, Cancellation);
        await Store.RegisterAsync(
            new StreamRegistration(ScanViews.Stream, Partitions, [.. Plan.Stream.Views.Select(view => view.Layout)]) { Starts = Starts }, Cancellation);
    }

    private async Task CloseAsync()
    {
        await Store.DisposeAsync();
        await Log.DisposeAsync();
    }
}

using System.Diagnostics.Metrics;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit;
using Lambda.Batch.Audit.Data;
using Lambda.Batch.Deletion;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Parts;
using Lambda.Batch.Telemetry;
using Lambda.Definition;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Plans;
using Lambda.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Batch.Tests.Support;

/// <summary>A log in memory, a real store and a real history in a folder of their own.</summary>
internal sealed class Platform : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private IViewStore? _store;
    private IObjectStorage? _storage;
    private SpeedDriver[] _speed = [];

    private Platform(Catalog catalog, Boundary starts)
    {
        Starts = starts;
        Catalog = catalog;
        Definition = catalog.Streams[0];
        Plan = new StreamPlan(Definition);
        Metrics = new BatchMetrics(_services.GetRequiredService<IMeterFactory>());
    }

    public static readonly long Appended = UtcMicroseconds.FromDateTime(Orders.Day.AddDays(30));

    /// <summary>What the audit takes for now.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Small histories are written, compared and measured piece by piece, as large ones are.</summary>
    public static BatchOptions Options { get; } = new()
    {
        SealTimeout = TimeSpan.Zero,
        LeasePollInterval = TimeSpan.FromMilliseconds(5),
        ComparedEvents = 2,
        MostKeyPieces = 3,
        SettledRows = 50,
        ExchangedRows = 8,
        AuditedDates = 1,
    };

    public Catalog Catalog { get; }

    public AuditEngines Engines { get; } = new();

    /// <summary>Where the partitions of the log begin.</summary>
    public Boundary Starts { get; }

    public StreamDefinition Definition { get; }

    public StreamPlan Plan { get; }

    public MemoryLog Log { get; } = new();

    public BatchMetrics Metrics { get; }

    public IViewStore Store => _store!;

    public IStreamArchive Archive { get; private set; } = null!;

    public string Folder => _folder.Path;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Platform> CreateAsync(
        Catalog? catalog = null, Boundary? starts = null, TimeProvider? time = null, IViewStore? store = null, IObjectStorage? storage = null)
    {
        Platform platform = new(catalog ?? Orders.Catalog(), starts ?? Boundary.Zero(Orders.Partitions))
        {
            Time = time ?? TimeProvider.System,
            _storage = storage,
        };
        platform._store = store ?? await EmbeddedViewStore.OpenAsync(
            new EmbeddedStoreOptions { Folder = Path.Combine(platform._folder.Path, "store") }, TimeProvider.System, Cancellation);
        await platform.Log.EnsureStreamAsync(Orders.Stream, Orders.Partitions, Cancellation);
        for (int partition = 0; partition < Orders.Partitions; partition++)
        {
            platform.Log.BeginAt(Orders.Stream, partition, platform.Starts[partition]);
        }

        await platform.Store.RegisterAsync(
            new StreamRegistration(Orders.Stream, Orders.Partitions, [.. platform.Definition.Views.Select(view => view.Layout)])
            {
                Starts = platform.Starts,
            },
            Cancellation);
        platform.Archive = await platform.OpenArchiveAsync();
        return platform;
    }

    /// <summary>Where the history lies.</summary>
    public IObjectStorage Storage => _storage ??= new LocalObjectStorage(Path.Combine(_folder.Path, "history"));

    public async Task<IStreamArchive> OpenArchiveAsync() => await HistoryArchive.OpenAsync(
        Storage, Definition, Starts, TimeProvider.System, Cancellation);

    /// <summary>Appends an order, and returns its offset.</summary>
    public long Append(int partition, Order order) => Append(partition, order.ToJson());

    /// <summary>Appends a record, and returns its offset.</summary>
    public long Append(int partition, byte[] json) => Log.Append(Orders.Stream, partition, Appended, json);

    /// <summary>Archives events of another stream of the catalogue, in a log of one partition.</summary>
    public async Task ArchiveOtherAsync(string name, params Order[] orders)
    {
        StreamDefinition definition = Catalog.FindStream(name)!;
        await Log.EnsureStreamAsync(name, 1, Cancellation);
        await Store.RegisterAsync(new StreamRegistration(name, 1, []), Cancellation);
        foreach (Order order in orders)
        {
            Log.Append(name, 0, Appended, order.ToJson());
        }

        using HistoryArchive archive = await OpenOtherAsync(definition);
        BatchStream stream = new(new StreamPlan(definition), 1, archive);
        StreamArchiver archiver = new(Log, Store, Options, TimeProvider.System, Metrics);
        await archiver.ArchiveAsync(stream, await archiver.ReadLogEndAsync(stream, Cancellation), Cancellation);
    }

    /// <summary>Where the log ends now.</summary>
    public async Task<Boundary> LogEndAsync() => await new StreamArchiver(Log, Store, Options, TimeProvider.System, Metrics).ReadLogEndAsync(Stream(), Cancellation);

    /// <summary>Has every partition claimed.</summary>
    public async Task StartSpeedAsync()
    {
        List<SpeedDriver> drivers = [];
        for (int partition = 0; partition < Orders.Partitions; partition++)
        {
            drivers.Add(await SpeedDriver.ClaimAsync(Plan, Log, Store, partition, Cancellation));
        }

        _speed = [.. drivers];
    }

    public Task SpeedAsync(int partition, int records, EpochEnd end) => _speed[partition].StepAsync(records, end, Cancellation);

    /// <summary>Computes everything and seals.</summary>
    public async Task CatchUpSpeedAsync()
    {
        Boundary end = await LogEndAsync();
        for (int partition = 0; partition < _speed.Length; partition++)
        {
            while (_speed[partition].NextOffset < end[partition])
            {
                await _speed[partition].StepAsync(100_000, EpochEnd.KeepOpen, Cancellation);
            }

            await _speed[partition].StepAsync(0, EpochEnd.Seal, Cancellation);
        }
    }

    public BatchStream Stream(IStreamArchive? archive = null) => new(Plan, Orders.Partitions, archive ?? Archive);

    /// <summary>Pins the archive of this stream or of another one of the catalogue.</summary>
    private async Task<IArchiveSnapshot> PinAsync(string stream, CancellationToken cancellationToken) => stream == Definition.Name
        ? await Archive.PinAsync(cancellationToken)
        : await (await OpenOtherAsync(Catalog.FindStream(stream)!)).PinAsync(cancellationToken);

    private Task<HistoryArchive> OpenOtherAsync(StreamDefinition definition) => HistoryArchive.OpenAsync(
        Storage, definition, Boundary.Zero(1), TimeProvider.System, Cancellation);

    public RecomputeRun Run(IViewStore? store = null, BatchOptions? options = null, PartGatherer? parts = null, params IReadOnlyList<IAuditCheck> checks)
    {
        IViewStore used = store ?? Store;
        BatchOptions set = options ?? Options;
        Auditor auditor = new(
            [new ContinuityCheck(), new ConservationCheck(used, set), new ExplanationCheck(used), new DataChecks(new CheckPlanner(PinAsync, used, Time), Engines, set), .. checks],
            Time);
        return new RecomputeRun(
            used, Log, Pinning(used, set), new HistoryComputer(set, parts), auditor, new ReferenceStates(PinAsync), set, Time, Metrics, NullLogger<RecomputeRun>.Instance);
    }

    public Task<DeletionResult> DeleteAsync(string condition, DeletionMode mode = DeletionMode.Delete, IObjectStorage? storage = null) =>
        Deletion(storage).RunAsync(Stream(), condition, mode, Cancellation);

    public DeletionRun Deletion(IObjectStorage? storage = null) => new(
        Store,
        Pinning(Store, Options),
        storage ?? Storage,
        Engines,
        Options,
        TimeProvider.System,
        NullLogger<DeletionRun>.Instance);

    private StreamPinning Pinning(IViewStore store, BatchOptions options) => new(
        store, new StreamArchiver(Log, store, options, TimeProvider.System, Metrics), options, TimeProvider.System, Metrics, NullLogger<StreamPinning>.Instance);

    public Task<RunResult> RecomputeAsync(RunRequest request, BatchOptions? options = null) =>
        Run(options: options).RunAsync(Stream(), request, new Progress<RunProgress>(), Cancellation);

    public Task<RunResult> RecomputeAsync(RecomputeRun? run = null, IStreamArchive? archive = null) =>
        (run ?? Run()).RunAsync(Stream(archive), RunRequest.OnDemand, new Progress<RunProgress>(), Cancellation);

    /// <summary>The windows that are served of the batch layer.</summary>
    public async Task<IReadOnlyList<WindowRow>> BatchAsync(ViewDefinition view)
    {
        ViewSnapshot snapshot = await Store.ReadViewAsync(
            new ViewRead(view.Layout, WindowRange.All, new Dictionary<int, object?>(), ReadScope.Merged), Cancellation);
        WindowComposer composer = new(view);
        PartialSource source = composer.AddSource(PartialSelection.Accepted, SourceRole.Result);
        composer.Add(source, snapshot.Batch[PartialKind.Kept]);
        return composer.Compose(TimeWindow.All);
    }

    public async ValueTask DisposeAsync()
    {
        Archive.Dispose();
        Engines.Dispose();
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        await _services.DisposeAsync();
        _folder.Dispose();
    }
}

using Lambda.Batch.Archive;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Parts;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Batch.Tests.Recompute.Parts;

/// <summary>A platform with an archive of some days of random orders, and what is needed to compute it in parts.</summary>
internal sealed class PartsPlatform : IAsyncDisposable
{
    private readonly BatchStreams _streams;

    private PartsPlatform(Platform platform, IObjectStorage ofWorker)
    {
        Platform = platform;
        _streams = new BatchStreams(platform.Catalog, platform.Log, platform.Store, ofWorker, TimeProvider.System);
        Worker = new PartWorker(_streams, ofWorker, Platform.Options, NullLogger<PartWorker>.Instance);
    }

    public Platform Platform { get; }

    public IObjectStorage Storage => Platform.Storage;

    public PartWorker Worker { get; }

    public BatchStream Stream => Platform.Stream();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<PartsPlatform> CreateAsync(
        int seed, LogShape shape = LogShape.Dense, int orders = 600, int repeatedAmong = int.MaxValue, Catalog? catalog = null)
    {
        Platform platform = await Platform.CreateAsync(catalog ?? RichViews.Catalog(), OracleTests.Starts(shape));
        PartsPlatform created = new(platform, platform.Storage);
        RandomOrders random = new(seed, platform, shape) { MostSecondsBetween = 1500, RepeatedAmong = repeatedAmong };
        random.Append(orders);
        await created.ArchiveAsync();
        return created;
    }

    /// <summary>Over a platform, which ends with it.</summary>
    /// <param name="platform">The platform.</param>
    /// <param name="ofWorker">The way to its storage that a worker elsewhere has; null for the same.</param>
    public static PartsPlatform Over(Platform platform, IObjectStorage? ofWorker = null) => new(platform, ofWorker ?? platform.Storage);

    /// <summary>Archives what is in the log.</summary>
    public async Task ArchiveAsync()
    {
        StreamArchiver archiver = new(Platform.Log, Platform.Store, Platform.Options, TimeProvider.System, Platform.Metrics);
        await archiver.ArchiveAsync(Stream, await archiver.ReadLogEndAsync(Stream, Cancellation), Cancellation);
    }

    public Task<IArchiveSnapshot> PinAsync() => Platform.Archive.PinAsync(Cancellation).AsTask();

    public PartGatherer Gatherer(IPartQueue queue, TimeProvider? time = null, BatchOptions? options = null, ILogger<PartGatherer>? logger = null) =>
        new(Storage, queue, options ?? Platform.Options, time ?? TimeProvider.System, logger ?? NullLogger<PartGatherer>.Instance);

    /// <summary>Everything, computed at once by one worker.</summary>
    public Task<Computation> AtOnceAsync(IArchiveSnapshot archive, ArchiveRange range) => Computation.RunAsync(
        Platform.Plan, archive, range, Platform.Options with { Workers = 1 }, new Progress<double>(), Cancellation);

    /// <summary>Everything, computed in parts.</summary>
    public async Task<Computation> InPartsAsync(
        PartGatherer gatherer, IArchiveSnapshot archive, ArchiveRange range, IReadOnlyList<PlannedPart> parts, CancellationToken? cancellation = null)
    {
        ComputedDates computed = await gatherer.RunAsync(Stream, archive, range, parts, settled: null, new Progress<RunProgress>(), cancellation ?? Cancellation);
        return await Computation.CompleteAsync(computed, archive, range, Cancellation);
    }

    /// <summary>A part for each date.</summary>
    public static IReadOnlyList<PlannedPart> ByDate(IArchiveSnapshot archive) => [.. archive.Dates.Select(date => new PlannedPart([date], 1))];

    /// <summary>What lies in the folder of runs.</summary>
    public async Task<IReadOnlyList<string>> RunFilesAsync()
    {
        List<string> names = [];
        await foreach (StoredObject file in Storage.ListAsync($"{Orders.Stream}/runs/", Cancellation))
        {
            names.Add(file.Name);
        }

        return names;
    }

    public async ValueTask DisposeAsync()
    {
        _streams.Dispose();
        await Platform.DisposeAsync();
    }
}

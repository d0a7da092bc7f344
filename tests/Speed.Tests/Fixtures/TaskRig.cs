using Lambda.Speed.Partitions;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Plans;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Speed.Tests.Fixtures;

/// <summary>One partition with a task on it, over the real log and store, with time in the test's hand.</summary>
internal sealed class TaskRig : IAsyncDisposable
{
    private readonly Platform _platform;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private TaskRig(Platform platform, StreamDefinition stream, SpeedOptions options)
    {
        _platform = platform;
        Stream = stream;
        Options = options;
        Log = new ObservedLog(platform.Log);
        Store = new ObservedStore(platform.Store);
        Metrics = new SpeedMetrics(platform.Meters, Time);
    }

    public StreamDefinition Stream { get; }

    public SpeedOptions Options { get; }

    public ObservedLog Log { get; }

    public ObservedStore Store { get; }

    public CommittedOffsets Committed { get; } = new();

    public SpeedMetrics Metrics { get; }

    public FakeTimeProvider Time { get; } = new(RandomRecords.AppendedAt);

    public List<LogRecord> Records { get; } = [];

    /// <summary>The task that was started last.</summary>
    public Task Running => _running;

    public static async Task<TaskRig> CreateAsync(Platform platform, SpeedOptions? options = null) =>
        new(platform, await platform.CreateStreamAsync(), options ?? SpeedOptions.Default);

    /// <summary>Another task on the same partition, as if in another process.</summary>
    public TaskRig Rival(SpeedOptions? options = null)
    {
        TaskRig rival = new(_platform, Stream, options ?? Options);
        rival.Records.AddRange(Records);
        return rival;
    }

    public async Task AppendAsync(IEnumerable<LogRecord> records)
    {
        List<LogRecord> added = [.. records];
        await _platform.AppendAsync(Stream, added);
        Records.AddRange(added);
    }

    /// <summary>Appends so many good and bad records that follow on those before.</summary>
    public Task AppendAsync(int count, int seed = 7) => AppendAsync(RandomRecords.Create(new Random(seed + Records.Count), count));

    public void Start()
    {
        PartitionTask task = new(new StreamPlan(Stream), 0, Log, Store, Options, Time, Committed, Metrics);
        _running = Task.Run(() => task.RunAsync(_stop.Token));
    }

    /// <summary>Waits until the task has read everything that was appended and rests.</summary>
    public Task RestAsync(int times = 1) => Log.Milestones.WhenAsync(ObservedLog.Rest(Records.Count), times);

    /// <summary>Lets time pass and waits until the resting task has acted on it and rests again.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        int rests = Log.Milestones.Count(ObservedLog.Rest(Records.Count));
        Time.Advance(time);
        await RestAsync(rests + 1);
    }

    public Task CommittedAsync(long offset) => Committed.WaitAsync(Stream.Name, [offset], Waiting.Token).InTime();

    public void BeginStop() => _stop.Cancel();

    public async Task StopAsync()
    {
        BeginStop();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running.InTime());
    }

    public async Task<IReadOnlyList<EpochInfo>> EpochsAsync() => await _platform.Store.ReadEpochsAsync(Stream.Name, Waiting.Token);

    public async Task RequestSealAsync() => await _platform.Store.RequestSealAsync(Stream.Name, Waiting.Token);

    /// <summary>Publishes an empty generation of the batch layer that ends at an offset.</summary>
    public async Task PublishAsync(long boundary)
    {
        IViewStore store = _platform.Store;
        BatchLease lease = (await store.TryAcquireLeaseAsync(Stream.Name, "test", TimeSpan.FromMinutes(1), Waiting.Token))!;
        long generation = await store.BeginGenerationAsync(
            lease, new GenerationPlan(1, new Boundary([boundary]), [.. Stream.Views.Select(view => view.Layout)]), Waiting.Token);
        AuditReport report = new(Stream.Name, generation, RandomRecords.AppendedAt, AuditOutcome.Passed, []);
        await store.PublishAsync(lease, generation, new Publication(report, [], []), Waiting.Token);
    }

    public Task AssertIsWholeAsync() => _platform.AssertIsWholeAsync(Stream, Records);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await ((Task)Task.WhenAny(_running)).InTime();
        _stop.Dispose();
    }
}

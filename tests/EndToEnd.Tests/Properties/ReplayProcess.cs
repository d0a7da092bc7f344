using Lambda.Replays;
using Lambda.Speed;
using Lambda.Speed.Replays;
using Lambda.Store;
using Lambda.TestSupport.Crashes;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>A process that computes all partitions of an edition that does not answer, until it is stopped, crashes, or the edition answers.</summary>
internal sealed class ReplayProcess : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly SemaphoreSlim _turns = new(2);
    private readonly Task[] _tasks;

    private ReplayProcess(World world, IArchivedRecords archive, EditionInfo edition, Random random, DoomedProcess process)
    {
        SpeedOptions options = new()
        {
            CommitInterval = TimeSpan.FromMilliseconds(random.Next(1, 5)),
            MaxEventsPerCommit = random.Next(1, 40),
            EpochInterval = random.Next(3) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 20)) : TimeSpan.FromHours(1),
            SealPollInterval = TimeSpan.FromMilliseconds(2),
        };
        ISpeedStore store = process.Wrap<ISpeedStore>(world.Store);
        IEditionStore editions = process.Wrap<IEditionStore>(world.Store);
        ReplayRecords records = new(ScanViews.Stream, process.Wrap(world.Log), process.Wrap(archive), store, TimeProvider.System);
        _tasks = [.. Enumerable.Range(0, world.Partitions).Select(partition => Task.Run(() => new ReplayTask(
            world.Plan, edition, partition, records, store, editions, _turns, options, TimeProvider.System, world.SpeedMetrics).RunAsync(_stop.Token)))];
    }

    public static ReplayProcess Start(World world, IArchivedRecords archive, EditionInfo edition, Random random, DoomedProcess process) =>
        new(world, archive, edition, random, process);

    /// <summary>Waits until everything that is committed of what answers is computed.</summary>
    public async Task CompleteAsync(ReplayService replays, EditionInfo edition)
    {
        while (!(await replays.FindAsync(edition.Stream, edition.Edition, _stop.Token)).IsComplete)
        {
            Task failed = await Task.WhenAny([Task.Delay(5, _stop.Token), .. _tasks]);
            await failed;
        }
    }

    /// <summary>Completes when the process has crashed; fails when one of its partitions has failed otherwise.</summary>
    public Task EndAsync() => Task.WhenAll(_tasks.Select(async task =>
    {
        try
        {
            await task;
        }
        catch (Exception error) when (error is InjectedCrashException or EditionChangedException || _stop.IsCancellationRequested)
        {
        }
    }));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await EndAsync();
        _stop.Dispose();
        _turns.Dispose();
    }
}

using Lambda.Log;
using Lambda.Speed;
using Lambda.Speed.Partitions;
using Lambda.Store;
using Lambda.TestSupport.Crashes;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>A process that computes all partitions, until it is stopped or crashes.</summary>
internal sealed class SpeedProcess : IDisposable
{
    private readonly DoomedProcess _process;
    private readonly CommittedOffsets _committed = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Task[] _tasks;

    private SpeedProcess(World world, DoomedProcess process, SpeedOptions options, int recordsPerRead)
    {
        _process = process;
        IEventLog log = process.Wrap<IEventLog>(new ShortReads(world.Log, recordsPerRead));
        ISpeedStore store = process.Wrap<ISpeedStore>(world.Store);
        _tasks = [.. Enumerable.Range(0, world.Partitions).Select(partition => Task.Run(() => FollowAsync(new PartitionTask(
            world.Plan, partition, log, store, options, TimeProvider.System, _committed, world.SpeedMetrics))))];
    }

    public static SpeedProcess Start(World world, Random random, DoomedProcess process) => new(
        world,
        process,
        new SpeedOptions
        {
            CommitInterval = TimeSpan.FromMilliseconds(random.Next(1, 5)),
            MaxEventsPerCommit = random.Next(1, 40),
            EpochInterval = random.Next(3) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 20)) : TimeSpan.FromHours(1),
            SealPollInterval = TimeSpan.FromMilliseconds(2),
        },
        random.Next(1, 60));

    private async Task FollowAsync(PartitionTask task)
    {
        while (true)
        {
            try
            {
                await task.RunAsync(_stop.Token);
            }
            catch (EditionChangedException)
            {
                // It goes on with the edition that answers now.
            }
        }
    }

    /// <summary>Completes when the offsets are committed; at once when the process is gone.</summary>
    public async Task WaitAsync(IReadOnlyList<long> offsets)
    {
        Task ended = Task.WhenAny(_tasks);
        Task committed = _committed.WaitAsync(ScanViews.Stream, offsets, _stop.Token);
        if (await Task.WhenAny(ended, committed) == ended && !_process.IsGone)
        {
            await await Task.WhenAny(_tasks);
        }
    }

    /// <summary>Stops, with everything computed committed.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await EndAsync();
    }

    /// <summary>Completes when the process has crashed; fails when one of its partitions has failed otherwise.</summary>
    public Task EndAsync() => Task.WhenAll(_tasks.Select(async task =>
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (InjectedCrashException)
        {
        }
    }));

    public void Dispose() => _stop.Dispose();

    /// <summary>A log that gives few records at a time.</summary>
    private sealed class ShortReads(IEventLog log, int records) : DelegatingEventLog(log)
    {
        public override async ValueTask ReadAsync(string stream, int partition, long offset, RecordBatch destination, CancellationToken cancellationToken)
        {
            using RecordBatch few = new(records);
            await Inner.ReadAsync(stream, partition, offset, few, cancellationToken);
            destination.BeginRead(offset);
            for (int i = 0; i < few.Count; i++)
            {
                destination.Add(few.Offset(i), few.AppendedAt(i), few.Key(i), few.Value(i));
            }

            destination.SkipTo(few.NextOffset);
        }
    }
}

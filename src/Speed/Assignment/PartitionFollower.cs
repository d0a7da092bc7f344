using Lambda.Log;
using Lambda.Speed.Partitions;
using Lambda.Speed.Replays;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Microsoft.Extensions.Logging;

namespace Lambda.Speed.Assignment;

/// <summary>
/// Sees to one partition for as long as it is this process's: runs its task, starts it again after errors of the log or the store, and waits where going
/// on is not for it to decide.
/// </summary>
internal sealed class PartitionFollower : IDisposable
{
    private readonly StreamPartition _partition;
    private readonly PartitionTask _task;
    private readonly NewPartitions _added;
    private readonly Patience _patience;
    private readonly ReplaySupervisor _replays;
    private readonly SpeedOptions _options;
    private readonly TimeProvider _time;
    private readonly CommittedOffsets _committed;
    private readonly SpeedMetrics _metrics;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _giveUp = new();
    private readonly Task _running;

    /// <summary>Begins to follow.</summary>
    public PartitionFollower(
        StreamPartition partition,
        PartitionTask task,
        NewPartitions added,
        Patience patience,
        ReplaySupervisor replays,
        SpeedOptions options,
        TimeProvider time,
        CommittedOffsets committed,
        SpeedMetrics metrics,
        ILogger logger)
    {
        _partition = partition;
        _task = task;
        _added = added;
        _patience = patience;
        _replays = replays;
        _options = options;
        _time = time;
        _committed = committed;
        _metrics = metrics;
        _logger = logger;
        _running = Task.Run(FollowAsync);
    }

    /// <summary>Ends with everything computed committed, unless the store refuses or time runs out.</summary>
    /// <param name="timeIsUp">Gives up what could not be committed yet.</param>
    public async Task StopAsync(CancellationToken timeIsUp)
    {
        using CancellationTokenRegistration giveUp = timeIsUp.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _giveUp);
        await _stop.CancelAsync();
        await EndAsync();
    }

    /// <summary>Ends without another commit.</summary>
    public async Task GiveUpAsync()
    {
        await _giveUp.CancelAsync();
        await _stop.CancelAsync();
        await EndAsync();
    }

    /// <summary>Frees what it holds, once it has ended.</summary>
    public void Dispose()
    {
        _stop.Dispose();
        _giveUp.Dispose();
    }

    // Who gives up cancels that first and the stop after it.
    private bool IsEnding => _stop.IsCancellationRequested || _giveUp.IsCancellationRequested;

    private async Task EndAsync()
    {
        await Task.WhenAll(_running, _replays.DisownAsync(_partition));

        // The partition may have become known, and its replays this process's, while that began.
        await _replays.DisownAsync(_partition);
    }

    private async Task FollowAsync()
    {
        while (!IsEnding)
        {
            try
            {
                await RunAsync();
            }
            catch (OperationCanceledException) when (IsEnding)
            {
                // The end.
            }
            catch (Exception error) when (IsEnding)
            {
                SpeedLog.LeftUncommitted(_logger, error, _partition.Stream, _partition.Partition);
            }
            catch (Exception error)
            {
                // One partition's trouble must not end the others; nothing computed since the last commit counts.
                _metrics.OnRestart(_partition.Stream, _partition.Partition, error);
                SpeedLog.Restarting(_logger, error, _partition.Stream, _partition.Partition, _options.RestartDelay);
                await Task.Delay(_options.RestartDelay, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        _committed.Forget(_partition.Stream, _partition.Partition);
    }

    /// <summary>Runs the task to its end and, where that is not an error to be cured by beginning again, waits for what would cure it.</summary>
    private async Task RunAsync()
    {
        try
        {
            await _added.MakeKnownAsync(_partition, _stop.Token);

            // Editions have the partition only now.
            _replays.Own(_partition);
            await _task.RunAsync(_stop.Token, _giveUp.Token);
        }
        catch (FencedException)
        {
            _metrics.OnFenced(_partition.Stream, _partition.Partition);
            SpeedLog.Fenced(_logger, _partition.Stream, _partition.Partition);
            await _patience.UntilForsakenAsync(_stop.Token);
            SpeedLog.TakingBack(_logger, _partition.Stream, _partition.Partition);
        }
        catch (EditionChangedException)
        {
            // It goes on with the edition that answers now.
            SpeedLog.EditionChanged(_logger, _partition.Stream, _partition.Partition);
        }
        catch (OffsetTrimmedException error)
        {
            // Going on would leave out events that were acknowledged; a person has to decide.
            _metrics.OnStopped(_partition.Stream, _partition.Partition, error);
            SpeedLog.OffsetsLost(
                _logger, error, _partition.Stream, _partition.Partition, error.Missing, GapCommand.For(_partition.Stream, _partition.Partition, error.Missing));
            long resumeAt = await _patience.UntilAcceptedAsync(error.Missing, _stop.Token);
            SpeedLog.GoingOn(_logger, _partition.Stream, _partition.Partition, resumeAt);
        }
        catch (EventLogException error) when (error is OffsetBeyondEndException or LogReplacedException)
        {
            // Its records have the offsets of others: wherever it went on, some would be left out.
            _metrics.OnStopped(_partition.Stream, _partition.Partition, error);
            SpeedLog.LogReverted(_logger, error, _partition.Stream, _partition.Partition);
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, _stop.Token);
        }
    }
}

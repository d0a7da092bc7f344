using Lambda.Log;
using Lambda.Replays;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Plans;
using Microsoft.Extensions.Logging;

namespace Lambda.Speed.Replays;

/// <summary>
/// Computes editions that do not answer, in those partitions that are this process's: whoever owns a partition of a stream computes it for all editions. Looks
/// in the store what editions there are, so that they go on after a restart and wherever the partitions go.
/// </summary>
internal sealed class ReplaySupervisor(
    IReadOnlyDictionary<string, StreamPlan> plans,
    IEventLog log,
    IArchivedRecords archive,
    ISpeedStore store,
    IEditionStore editions,
    SpeedOptions options,
    TimeProvider time,
    SpeedMetrics metrics,
    ILogger logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<StreamPartition> _owned = [];
    private readonly Dictionary<(StreamPartition Partition, string Lane), Running> _running = [];
    private readonly HashSet<string> _refused = [];
    private readonly Dictionary<string, ReplayRecords> _records = plans.Keys.ToDictionary(
        stream => stream, stream => new ReplayRecords(stream, log, archive, store, time));

    /// <summary>Half of the processors: the other half is for what answers.</summary>
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Takes note that a partition is this process's.</summary>
    public void Own(StreamPartition partition)
    {
        lock (_lock)
        {
            _owned.Add(partition);
        }
    }

    /// <summary>Ends what is computed of a partition, which goes to another process.</summary>
    public async Task DisownAsync(StreamPartition partition)
    {
        List<Running> ended = [];
        lock (_lock)
        {
            _owned.Remove(partition);
            foreach ((StreamPartition Partition, string Lane) key in _running.Keys.Where(key => key.Partition == partition).ToList())
            {
                _running.Remove(key, out Running? running);
                ended.Add(running!);
            }
        }

        await EndAsync(ended);
    }

    /// <summary>Looks again and again until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                foreach (string stream in plans.Keys)
                {
                    await LookAsync(stream, cancellationToken);
                }

                await Task.Delay(options.ReplayPollInterval, time, cancellationToken);
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop, and a store may fail for that, or go at the same time.
        }
        finally
        {
            foreach (StreamPartition partition in Owned(null))
            {
                await DisownAsync(partition);
            }
        }
    }

    public void Dispose() => _turns.Dispose();

    private static async Task EndAsync(IEnumerable<Running> ended) => await Task.WhenAll(ended.Select(running => running.DisposeAsync().AsTask()));

    private List<StreamPartition> Owned(string? stream)
    {
        lock (_lock)
        {
            return [.. _owned.Where(partition => stream is null || partition.Stream == stream)];
        }
    }

    private async Task LookAsync(string stream, CancellationToken cancellationToken)
    {
        List<StreamPartition> owned = Owned(stream);
        if (owned.Count == 0)
        {
            return;
        }

        IReadOnlyList<EditionInfo> wanted;
        try
        {
            wanted = [.. (await editions.ReadEditionsAsync(stream, cancellationToken)).Where(edition => edition.State != EditionState.Live && IsOurs(edition))];
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            SpeedLog.ReplaysUnknown(logger, error, stream);
            return;
        }

        List<Running> ended = [];
        lock (_lock)
        {
            foreach ((StreamPartition Partition, string Lane) key in _running.Keys
                .Where(key => key.Partition.Stream == stream && wanted.All(edition => edition.Lane != key.Lane)).ToList())
            {
                _running.Remove(key, out Running? running);
                ended.Add(running!);
            }

            foreach (StreamPartition partition in owned.Where(_owned.Contains))
            {
                foreach (EditionInfo edition in wanted)
                {
                    if (!_running.ContainsKey((partition, edition.Lane)))
                    {
                        _running.Add((partition, edition.Lane), new Running(end => FollowAsync(partition, edition, end)));
                    }
                }
            }
        }

        await EndAsync(ended);
    }

    /// <summary>Whether this process has the definitions that an edition was begun with.</summary>
    private bool IsOurs(EditionInfo edition)
    {
        IReadOnlyList<ViewDefinition> views = plans[edition.Stream].Stream.Views;
        bool isOurs = edition.Views.Count == views.Count
            && views.All(view => edition.Views.GetValueOrDefault(view.Name) == view.Layout.Version);
        if (!isOurs && _refused.Add(edition.Lane))
        {
            SpeedLog.ReplayOfOthers(logger, edition.Lane);
        }

        return isOurs;
    }

    private async Task FollowAsync(StreamPartition partition, EditionInfo edition, CancellationToken end)
    {
        try
        {
            await ComputeAsync(partition, edition, end);
        }
        finally
        {
            metrics.Replays.Remove(edition.Lane, partition.Partition);
        }
    }

    private async Task ComputeAsync(StreamPartition partition, EditionInfo edition, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await new ReplayTask(
                    plans[partition.Stream], edition, partition.Partition, _records[partition.Stream], store, editions, _turns, options, time, metrics).RunAsync(end);
            }
            catch (Exception) when (end.IsCancellationRequested)
            {
                return;
            }
            catch (EditionChangedException)
            {
                // Gone, or it answers now: the next look tells, and ends this.
                await RestAsync(end);
            }
            catch (Exception error)
            {
                // What is missing may be so for long: it is logged once, and health tells it as long as it lasts. Looked up each time, as whoever computed the
                // partition before may only now have taken it off the board.
                PartitionProgress progress = metrics.Replays.Follow(edition.Lane, partition.Partition);
                string reason = $"It starts again after an error: {error.Message}";
                if (progress.State != (PartitionState.Restarting, reason))
                {
                    SpeedLog.ReplayRestarting(logger, error, edition.Lane, partition.Partition, options.RestartDelay);
                }

                progress.OnRestart(reason);
                await RestAsync(end);
            }
        }
    }

    private async Task RestAsync(CancellationToken end) =>
        await Task.Delay(options.RestartDelay, time, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>What is computed of one partition and edition.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Task _task;

        public Running(Func<CancellationToken, Task> work) => _task = Task.Run(() => work(_end.Token));

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _task;
            _end.Dispose();
        }
    }
}

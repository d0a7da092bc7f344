using Lambda.Batch.Recompute;
using Lambda.Jobs;

namespace Lambda.Batch.Jobs;

/// <summary>The runs of this process that are remembered: those under way and the last that ended. Safe for use by several threads at once.</summary>
internal sealed class RunRegistry(TimeProvider time)
{
    private const int RememberedPerStream = 50;
    private const string QueuedStep = "queued";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, BatchRunStatus> _runs = new(StringComparer.Ordinal);

    /// <summary>Run ids in the order in which the runs became known.</summary>
    private readonly List<string> _order = [];

    /// <summary>Notes a run that waits to be started; one that has started already stays as it is.</summary>
    public void Queue(string runId, string stream) => Update(runId, stream, status => status);

    /// <summary>Notes where a run stands.</summary>
    public void Report(string runId, string stream, RunProgress progress) => Update(runId, stream, status => status.EndedAt is null
        ? status with { State = BatchRunState.Running, Step = progress.Step, Progress = progress.Share }
        : status);

    /// <summary>Notes how a run ended.</summary>
    public void End(string runId, string stream, BatchRunState state, long? generation, string message) => Update(runId, stream, status => status with
    {
        State = state,
        Step = "ended",
        Progress = 1,
        EndedAt = time.GetUtcNow(),
        Generation = generation,
        Message = message,
    });

    /// <summary>Forgets a run that had nothing to do.</summary>
    public void Forget(string runId)
    {
        lock (_lock)
        {
            if (_runs.Remove(runId))
            {
                _order.Remove(runId);
            }
        }
    }

    /// <summary>A run; null when it is not remembered.</summary>
    public BatchRunStatus? Find(string runId)
    {
        lock (_lock)
        {
            return _runs.GetValueOrDefault(runId);
        }
    }

    /// <summary>The runs of a stream, newest first.</summary>
    public IReadOnlyList<BatchRunStatus> Recent(string stream, int limit)
    {
        lock (_lock)
        {
            return [.. Enumerable.Reverse(_order).Select(id => _runs[id]).Where(run => IsOf(run, stream)).Take(limit)];
        }
    }

    private void Update(string runId, string stream, Func<BatchRunStatus, BatchRunStatus> change)
    {
        lock (_lock)
        {
            if (!_runs.TryGetValue(runId, out BatchRunStatus? status))
            {
                status = new BatchRunStatus(runId, stream, BatchRunState.Queued, QueuedStep, 0, time.GetUtcNow(), null, null, null);
                _order.Add(runId);
            }

            _runs[runId] = change(status);
            ForgetOldest(stream);
        }
    }

    private void ForgetOldest(string stream)
    {
        int known = _order.Count(id => IsOf(_runs[id], stream));
        if (known > RememberedPerStream && _order.Find(id => IsOf(_runs[id], stream) && _runs[id].EndedAt is not null) is { } oldest)
        {
            _runs.Remove(oldest);
            _order.Remove(oldest);
        }
    }

    private static bool IsOf(BatchRunStatus run, string stream) => string.Equals(run.Stream, stream, StringComparison.OrdinalIgnoreCase);
}

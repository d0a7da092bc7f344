using Lambda.Jobs;

namespace Lambda.Serving.Tests.Running;

/// <summary>Batch runs that only wait.</summary>
internal sealed class FakeBatchRuns : IBatchRuns
{
    private readonly List<BatchRunStatus> _runs = [];

    /// <summary>What was asked of the runs, the newest first.</summary>
    public List<BatchRunOrder> Orders { get; } = [];

    /// <summary>What was rolled back, and to what.</summary>
    public List<(string Stream, long Generation)> RolledBack { get; } = [];

    public ValueTask<string> StartAsync(string stream, BatchRunOrder order, CancellationToken cancellationToken)
    {
        Orders.Insert(0, order);
        string id = $"run {_runs.Count + 1}";
        _runs.Insert(0, new BatchRunStatus(id, stream, BatchRunState.Queued, "waiting", 0, Sample.Start, null, null, null));
        return ValueTask.FromResult(id);
    }

    public BatchRunStatus? Cancel(string runId)
    {
        int index = _runs.FindIndex(run => run.RunId == runId);
        if (index >= 0)
        {
            _runs[index] = _runs[index] with { State = BatchRunState.Cancelled, EndedAt = Sample.Start };
        }

        return Find(runId);
    }

    public ValueTask RollBackAsync(string stream, long generation, CancellationToken cancellationToken)
    {
        RolledBack.Add((stream, generation));
        return ValueTask.CompletedTask;
    }

    public BatchRunStatus? Find(string runId) => _runs.Find(run => run.RunId == runId);

    public IReadOnlyList<BatchRunStatus> Recent(string stream, int limit) => [.. _runs.Where(run => run.Stream == stream).Take(limit)];
}

using Lambda.Jobs;

namespace Lambda.Serving.Tests.Running;

/// <summary>Batch runs that only wait.</summary>
internal sealed class FakeBatchRuns : IBatchRuns
{
    private readonly List<BatchRunStatus> _runs = [];

    public ValueTask<string> StartAsync(string stream, CancellationToken cancellationToken)
    {
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

    public BatchRunStatus? Find(string runId) => _runs.Find(run => run.RunId == runId);

    public IReadOnlyList<BatchRunStatus> Recent(string stream, int limit) => [.. _runs.Where(run => run.Stream == stream).Take(limit)];
}

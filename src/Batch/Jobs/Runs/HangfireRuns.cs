using Hangfire;
using Hangfire.States;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Views;

namespace Lambda.Batch.Jobs.Runs;

/// <summary>Starts runs as Hangfire jobs, by whatever process takes them; a run's id is its job's.</summary>
internal sealed class HangfireRuns(IBackgroundJobClientV2 jobs, StoredRuns runs, Catalog catalog, BatchRunner? runner = null) : IBatchRuns
{
    /// <exception cref="BatchException">There is no stream of that name.</exception>
    public ValueTask<string> StartAsync(string stream, BatchRunOrder order, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StreamDefinition definition = FindStream(stream);
        string runId = order.Range is { } range
            ? jobs.Enqueue<RecomputeJob>(job => job.RunRangeAsync(definition.Name, range.From, range.To, order.Purpose, null!, CancellationToken.None))
            : jobs.Enqueue<RecomputeJob>(job => job.RunOrderAsync(definition.Name, order.Scope, order.Purpose, null!, CancellationToken.None));
        runs.Queue(runId, definition.Name);
        return ValueTask.FromResult(runId);
    }

    /// <exception cref="BatchException">There is no stream of that name.</exception>
    /// <exception cref="NoBatchLayerException">This process has no runner: it only shares the job storage of the one that has.</exception>
    public async ValueTask RollBackAsync(string stream, long generation, CancellationToken cancellationToken)
    {
        BatchRunner found = runner ?? throw new NoBatchLayerException($"Stream '{stream}' cannot be rolled back by a process without the batch layer.");
        await found.RollBackAsync(FindStream(stream).Name, generation, cancellationToken).ConfigureAwait(false);
    }

    public BatchRunStatus? Cancel(string runId)
    {
        if (runs.Find(runId) is not { EndedAt: null } run)
        {
            return runs.Find(runId);
        }

        // Hangfire cancels the token of a job that is at work when it finds the job in another state.
        jobs.ChangeState(runId, new DeletedState { Reason = "Cancelled on request." }, expectedState: null);
        if (run.State == BatchRunState.Running)
        {
            runs.NoteCancelling(runId);
        }
        else
        {
            runs.End(runId, BatchRunState.Cancelled, "The run was cancelled before it began.");
        }

        return runs.Find(runId);
    }

    public BatchRunStatus? Find(string runId) => runs.Find(runId);

    public IReadOnlyList<BatchRunStatus> Recent(string stream, int limit) => runs.Recent(stream, limit);

    private StreamDefinition FindStream(string stream) => catalog.FindStream(stream)
        ?? throw new BatchException($"There is no stream '{stream}'. The streams are: {string.Join(", ", catalog.Streams.Select(s => s.Name))}.");
}

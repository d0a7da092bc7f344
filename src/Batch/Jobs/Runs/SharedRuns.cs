using Lambda.Jobs;

namespace Lambda.Batch.Jobs.Runs;

/// <summary>Runs of another process, which has the batch layer: asked for and looked up in the job storage that both share.</summary>
/// <param name="open">
/// Opens the storage, which is made when it is missing. It may be away when this process starts, or closed to its role, and only runs need it: so it is opened
/// when one is asked for, and what it throws then is tried again with the next request.
/// </param>
internal sealed class SharedRuns(Func<HangfireRuns> open) : IBatchRuns
{
    /// <exception cref="BatchException">There is no stream of that name.</exception>
    /// <exception cref="NoBatchLayerException">The storage cannot be reached, or not be written by this process.</exception>
    public ValueTask<string> StartAsync(string stream, BatchRunOrder order, CancellationToken cancellationToken) =>
        Use(runs => runs.StartAsync(stream, order, cancellationToken));

    /// <exception cref="NoBatchLayerException">Always.</exception>
    public ValueTask RollBackAsync(string stream, long generation, CancellationToken cancellationToken) => throw new NoBatchLayerException(
        $"Stream '{stream}' cannot be rolled back here, as this process does not run the batch layer. Ask one that does: give 'batch rollback' its address as --server, or none.");

    /// <exception cref="NoBatchLayerException">The storage cannot be reached, or not be written by this process.</exception>
    public BatchRunStatus? Cancel(string runId) => Use(runs => runs.Cancel(runId));

    /// <exception cref="NoBatchLayerException">The storage cannot be reached.</exception>
    public BatchRunStatus? Find(string runId) => Use(runs => runs.Find(runId));

    /// <exception cref="NoBatchLayerException">The storage cannot be reached.</exception>
    public IReadOnlyList<BatchRunStatus> Recent(string stream, int limit) => Use(runs => runs.Recent(stream, limit));

    private T Use<T>(Func<HangfireRuns, T> ask)
    {
        try
        {
            return ask(open());
        }
        catch (Exception error) when (error is not (OperationCanceledException or BatchException))
        {
            throw new NoBatchLayerException(
                $"This process does not run the batch layer, and the jobs of the one that does cannot be used from here: {error.GetBaseException().Message} Use "
                + "'batch run' with the settings of that process, or its dashboard at /hangfire.");
        }
    }
}

using Lambda.Jobs;

namespace Lambda.Hosting.Composition;

/// <summary>Stands in for the batch layer in a process that does not run it.</summary>
internal sealed class NoBatchRuns : IBatchRuns
{
    /// <exception cref="NoBatchLayerException">Always.</exception>
    public ValueTask<string> StartAsync(string stream, BatchRunOrder order, CancellationToken cancellationToken) => throw new NoBatchLayerException(
        $"Stream '{stream}' cannot be recomputed here, as this process does not run the batch layer. Ask the process that does, or use 'batch run'.");

    /// <exception cref="NoBatchLayerException">Always.</exception>
    public ValueTask RollBackAsync(string stream, long generation, CancellationToken cancellationToken) => throw new NoBatchLayerException(
        $"Stream '{stream}' cannot be rolled back here, as this process does not run the batch layer. Ask one that does: give 'batch rollback' its address as --server, or none.");

    public BatchRunStatus? Cancel(string runId) => null;

    public BatchRunStatus? Find(string runId) => null;

    public IReadOnlyList<BatchRunStatus> Recent(string stream, int limit) => [];
}

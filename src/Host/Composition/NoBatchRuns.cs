using Lambda.Batch;
using Lambda.Jobs;

namespace Lambda.Hosting.Composition;

/// <summary>Stands in for the batch layer in a process that only reads.</summary>
internal sealed class NoBatchRuns : IBatchRuns
{
    /// <exception cref="BatchException">Always.</exception>
    public ValueTask<string> StartAsync(string stream, CancellationToken cancellationToken) =>
        throw new BatchException($"Stream '{stream}' cannot be recomputed by a process that only reads. Use 'batch run', or a running server.");

    public BatchRunStatus? Find(string runId) => null;

    public IReadOnlyList<BatchRunStatus> Recent(string stream, int limit) => [];
}

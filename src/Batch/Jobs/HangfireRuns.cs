using Hangfire;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Views;

namespace Lambda.Batch.Jobs;

/// <summary>Starts runs as Hangfire jobs; a run's id is its job's.</summary>
internal sealed class HangfireRuns(IBackgroundJobClientV2 jobs, RunRegistry registry, Catalog catalog) : IBatchRuns
{
    /// <exception cref="BatchException">There is no stream of that name.</exception>
    public ValueTask<string> StartAsync(string stream, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StreamDefinition definition = catalog.FindStream(stream)
            ?? throw new BatchException($"There is no stream '{stream}'. The streams are: {string.Join(", ", catalog.Streams.Select(s => s.Name))}.");
        string runId = jobs.Enqueue<RecomputeJob>(job => job.RunAsync(definition.Name, RunTrigger.Request, null!, CancellationToken.None));
        registry.Queue(runId, definition.Name);
        return ValueTask.FromResult(runId);
    }

    public BatchRunStatus? Find(string runId) => registry.Find(runId);

    public IReadOnlyList<BatchRunStatus> Recent(string stream, int limit) => registry.Recent(stream, limit);
}

using Hangfire;
using Hangfire.Server;
using Lambda.Batch.History;
using Lambda.Batch.Recompute;
using Lambda.Batch.Telemetry;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Store;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>What started a run.</summary>
internal enum RunTrigger
{
    /// <summary>Its schedule.</summary>
    Schedule,

    /// <summary>A person or a program.</summary>
    Request,
}

/// <summary>
/// A run as a Hangfire job. Not retried by itself: the next scheduled run does whatever is left to do. Run twice or at the same time, by whatever
/// mistake, it does no harm, as the stream's lease in the store lets one run at a time publish.
/// </summary>
internal sealed class RecomputeJob(BatchRunner runner, RunRegistry registry, ILogger<RecomputeJob> logger)
{
    /// <summary>Runs. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Recompute {0}")]
    public async Task RunAsync(string stream, RunTrigger trigger, PerformContext context, CancellationToken cancellationToken)
    {
        string runId = context.BackgroundJob.Id;
        RunRequest request = trigger == RunTrigger.Schedule ? RunRequest.Scheduled : RunRequest.OnDemand;
        RunResult result;
        try
        {
            result = await runner.RunAsync(stream, request, new Progress(registry, runId, stream), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            registry.End(runId, stream, BatchRunState.Failed, null, "The run was stopped before it ended; nothing that is served has changed.");
            throw;
        }
        catch (Exception error)
        {
            if (error is BatchException or HistoryException or EventLogException or ViewStoreException)
            {
                // The message says it all; a stack trace would look like a defect.
                BatchLog.FailedAsExpected(logger, stream, runId, error.Message);
            }
            else
            {
                BatchLog.Failed(logger, error, stream, runId);
            }

            registry.End(runId, stream, BatchRunState.Failed, null, error.Message);
            throw;
        }

        switch (result.Outcome)
        {
            case RunOutcome.Published:
                registry.End(runId, stream, BatchRunState.Published, result.Generation, result.Message);
                break;
            case RunOutcome.Blocked:
                BatchLog.Blocked(logger, stream, runId, result.Message);
                registry.End(runId, stream, BatchRunState.Blocked, result.Generation, result.Message);

                // So that the dashboard counts it among the failed jobs.
                throw new BatchException($"Stream '{stream}': {result.Message}");
            default:
                registry.Forget(runId);
                break;
        }
    }

    private sealed class Progress(RunRegistry registry, string runId, string stream) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => registry.Report(runId, stream, value);
    }
}

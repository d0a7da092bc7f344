using Hangfire;
using Hangfire.Server;
using Lambda.Batch.History;
using Lambda.Batch.Jobs.Runs;
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
internal sealed class RecomputeJob(BatchRunner runner, StoredRuns runs, ILogger<RecomputeJob> logger)
{
    /// <summary>Runs. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Recompute {0}")]
    public Task RunAsync(string stream, RunTrigger trigger, PerformContext context, CancellationToken cancellationToken) =>
        RunAsync(stream, trigger == RunTrigger.Schedule ? RunRequest.Scheduled : RunRequest.OnDemand, context, cancellationToken);

    /// <summary>Runs as somebody has ordered. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Recompute {0}")]
    public Task RunOrderAsync(string stream, RunScope scope, RunPurpose purpose, PerformContext context, CancellationToken cancellationToken) =>
        RunAsync(stream, RunRequest.OnDemand with { Order = new BatchRunOrder(scope, purpose) }, context, cancellationToken);

    /// <summary>Runs as somebody has ordered who wants a range of event times computed anew. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Recompute {0}")]
    public Task RunRangeAsync(string stream, long from, long to, RunPurpose purpose, PerformContext context, CancellationToken cancellationToken) =>
        RunAsync(
            stream,
            RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.New, purpose) { Range = new WindowRange(from, to) } },
            context,
            cancellationToken);

    private async Task RunAsync(string stream, RunRequest request, PerformContext context, CancellationToken cancellationToken)
    {
        string runId = context.BackgroundJob.Id;
        JobTenure? tenure = Ask(runId, () => JobTenure.Begin(context), null);
        RunResult result;
        runs.Begin(runId, stream);
        try
        {
            result = await runner.RunAsync(stream, request, new Progress(runs, runId), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            NoteFailure(runId, stream, error, LookAtEnd(tenure, runId, stream), cancellationToken);
            throw;
        }

        // One that was cancelled too late has ended all the same.
        LookAtEnd(tenure, runId, stream);
        switch (result.Outcome)
        {
            case RunOutcome.Published:
                runs.End(runId, BatchRunState.Published, result);
                break;
            case RunOutcome.Rehearsed:
                runs.End(runId, BatchRunState.Rehearsed, result);
                break;
            case RunOutcome.Blocked:
                BatchLog.Blocked(logger, stream, runId, result.Message);
                runs.End(runId, BatchRunState.Blocked, result);

                // So that the dashboard counts it among the failed jobs.
                throw new BatchException($"Stream '{stream}': {result.Message}");
            default:
                runs.Forget(runId, stream);
                break;
        }
    }

    /// <summary>Where the job stands, of which nothing is to be said any more by one that has lost it: how the run ends is told by whoever has it.</summary>
    /// <exception cref="JobAbortedException">Another worker has the job. By this Hangfire leaves its state alone, which it would change under the other one's hands otherwise.</exception>
    private JobStanding LookAtEnd(JobTenure? tenure, string runId, string stream)
    {
        JobStanding standing = tenure is null ? JobStanding.Held : Ask(runId, tenure.Look, JobStanding.Held);
        if (standing == JobStanding.TakenOver)
        {
            BatchLog.RunTakenOver(logger, stream, runId);
            throw new JobAbortedException();
        }

        return standing;
    }

    /// <summary>Asks the storage of the jobs, without which the run gets along: most likely nobody else can have taken its job then.</summary>
    private T Ask<T>(string runId, Func<T> ask, T unanswered)
    {
        try
        {
            return ask();
        }
        catch (Exception error)
        {
            BatchLog.RunNotAsked(logger, error, runId);
            return unanswered;
        }
    }

    private void NoteFailure(string runId, string stream, Exception error, JobStanding standing, CancellationToken cancellationToken)
    {
        if (error is OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            bool isCancelled = standing == JobStanding.Cancelled;
            runs.End(
                runId,
                isCancelled ? BatchRunState.Cancelled : BatchRunState.Failed,
                isCancelled
                    ? "The run was cancelled; what was published before serves on."
                    : "The process ended before the run; what was published before serves on.");
            return;
        }

        if (error is BatchException or HistoryException or EventLogException or ViewStoreException)
        {
            // The message says it all; a stack trace would look like a defect.
            BatchLog.FailedAsExpected(logger, stream, runId, error.Message);
        }
        else
        {
            BatchLog.Failed(logger, error, stream, runId);
        }

        runs.End(runId, BatchRunState.Failed, error.Message);
    }

    private sealed class Progress(StoredRuns runs, string runId) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => runs.Report(runId, value);
    }
}

using Lambda.Batch.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>The work of a job on a stream. Why it failed is logged before Hangfire has the error; that it was to stop is no failure.</summary>
internal static class LoggedWork
{
    /// <summary>Does the work.</summary>
    /// <param name="logger">Where a failure is logged.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="job">What the work is called in the log.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Whether the work was to stop.</param>
    public static async Task RunAsync(ILogger logger, string stream, string job, Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            BatchLog.JobFailed(logger, error, stream, job);
            throw;
        }
    }
}

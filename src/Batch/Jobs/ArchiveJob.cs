using Hangfire;
using Lambda.Batch.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>Archiving as a Hangfire job; what fails is done at its next time.</summary>
internal sealed class ArchiveJob(BatchRunner runner, ILogger<ArchiveJob> logger)
{
    /// <summary>Archives. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Archive {0}")]
    public async Task RunAsync(string stream, CancellationToken cancellationToken)
    {
        try
        {
            await runner.ArchiveAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            BatchLog.JobFailed(logger, error, stream, "archive");
            throw;
        }
    }
}

using Hangfire;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>Archiving as a Hangfire job; what fails is done at its next time.</summary>
internal sealed class ArchiveJob(BatchRunner runner, ILogger<ArchiveJob> logger)
{
    /// <summary>Archives. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Archive {0}")]
    public Task RunAsync(string stream, CancellationToken cancellationToken) =>
        LoggedWork.RunAsync(logger, stream, "archive", () => runner.ArchiveAsync(stream, cancellationToken), cancellationToken);
}

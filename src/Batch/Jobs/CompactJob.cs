using Hangfire;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>Compaction as a Hangfire job; what fails is done at its next time.</summary>
internal sealed class CompactJob(BatchRunner runner, ILogger<CompactJob> logger)
{
    /// <summary>Puts small files together. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Compact {0}")]
    public Task RunAsync(string stream, CancellationToken cancellationToken) =>
        LoggedWork.RunAsync(logger, stream, "compact", () => runner.CompactAsync(stream, cancellationToken), cancellationToken);
}

using Hangfire;
using Lambda.Batch.History.Maintenance;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>Vacuum as a Hangfire job; what fails is done at its next time.</summary>
internal sealed class VacuumJob(BatchRunner runner, ILogger<VacuumJob> logger)
{
    /// <summary>Deletes what no version needs. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Vacuum {0}")]
    public Task RunAsync(string stream, CancellationToken cancellationToken) =>
        LoggedWork.RunAsync(logger, stream, "vacuum", () => runner.VacuumAsync(stream, VacuumMode.Delete, cancellationToken), cancellationToken);
}

using Hangfire;
using Lambda.Batch.Telemetry;
using Lambda.Replays;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Jobs;

/// <summary>What the dashboard asks of replays, as Hangfire jobs: so it shows why something was refused.</summary>
internal sealed class ReplayJob(ReplayService replays, ILogger<ReplayJob> logger)
{
    /// <summary>Begins a replay. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Replay {0}")]
    public Task StartAsync(string stream, CancellationToken cancellationToken) =>
        DoAsync(stream, "replay", () => replays.StartAsync(stream, cancellationToken), cancellationToken);

    /// <summary>Has a replay answer. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Promote replay {1} of {0}")]
    public Task PromoteAsync(string stream, int replay, CancellationToken cancellationToken) =>
        DoAsync(stream, "promote", () => replays.PromoteAsync(stream, replay, cancellationToken), cancellationToken);

    /// <summary>Removes a replay. Hangfire calls it.</summary>
    [AutomaticRetry(Attempts = 0)]
    [JobDisplayName("Drop replay {1} of {0}")]
    public Task DropAsync(string stream, int replay, CancellationToken cancellationToken) =>
        DoAsync(stream, "drop", () => replays.DropAsync(stream, replay, cancellationToken).AsTask(), cancellationToken);

    private async Task DoAsync(string stream, string what, Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            BatchLog.OrderedJobFailed(logger, error, stream, what);
            throw;
        }
    }
}

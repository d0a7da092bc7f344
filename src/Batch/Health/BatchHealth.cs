using Hangfire;
using Hangfire.Storage.Monitoring;
using Lambda.Batch.Telemetry;
using Lambda.Health;

namespace Lambda.Batch.Health;

/// <summary>
/// The batch layer does its job when a job server has reported lately, and when the last archiving and the last run of each stream in this process did not
/// fail. An audit that blocked did its work; it shows as degraded.
/// </summary>
internal sealed class BatchHealth(BatchStreams streams, BatchMetrics metrics, JobStorage jobs, TimeProvider time) : IHealthSource
{
    /// <summary>Job servers report every 30 seconds.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(90);

    /// <summary>Reports have the time of the job storage, which is the database's.</summary>
    private static readonly string Silent =
        $"No job server has reported for {Silence.TotalSeconds:F0} s. Restart the batch process; if that changes nothing, "
        + "this machine's clock is ahead of the database's.";

    public string Part => "batch";

    public ValueTask<PartHealth> CheckAsync(CancellationToken cancellationToken)
    {
        DateTime since = (time.GetUtcNow() - Silence).UtcDateTime;
        bool isAlive = jobs.GetMonitoringApi().Servers().Any((ServerDto server) => (server.Heartbeat ?? server.StartedAt) >= since);
        PartHealth work = PartHealth.Of([.. streams.Names.Select(Judge)]);
        return ValueTask.FromResult(isAlive
            ? work
            : work with { State = HealthState.NotReady, Reason = Silent });
    }

    private ItemHealth Judge(string stream) => metrics.Board.Streams.GetValueOrDefault(stream) switch
    {
        { ArchiveError: { } error } => new ItemHealth(stream, HealthState.NotReady, $"The log could not be archived: {error}"),
        { RunError: { } error } => new ItemHealth(stream, HealthState.NotReady, $"The last run failed; what is served has not changed: {error}"),
        { Blocked: { } message } => new ItemHealth(stream, HealthState.Degraded, message),
        _ => new ItemHealth(stream, HealthState.Ready, null),
    };
}

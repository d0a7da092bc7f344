using System.Globalization;
using Lambda.Health;
using Lambda.Speed.Telemetry;

namespace Lambda.Speed.Health;

/// <summary>
/// The speed layer does its job when this process has been told its partitions, and each of them is computed, commits in time, and is not further
/// behind the log than <see cref="SpeedOptions.MaxReadyLag"/>. A replay that does not get on makes it no less ready, as another edition answers. Asks neither the log
/// nor the store.
/// </summary>
internal sealed class SpeedHealth(SpeedMetrics metrics, SpeedOptions options) : IHealthSource
{
    public string Part => "speed";

    public ValueTask<PartHealth> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(metrics.Board.HasJoined
        ? PartHealth.Of([.. metrics.Board.Partitions.Select(Judge), .. metrics.Replays.Partitions.Select(JudgeReplay)])
        : PartHealth.NotReady("The layer has not been given its partitions yet."));

    private ItemHealth Judge(PartitionProgress progress)
    {
        string? reason = progress.State switch
        {
            (PartitionState.Assigned, _) => "It was given to this process and is not computed yet.",
            (PartitionState.Restarting or PartitionState.Stopped, var why) => why,
            _ when progress.CommitUnderWay is { } commit && commit > options.MaxReadyLag => string.Create(
                CultureInfo.InvariantCulture, $"A commit has been under way for {commit.TotalSeconds:F0} s. Look at the store."),
            _ when progress.LagTime is { } lag && lag > options.MaxReadyLag => string.Create(
                CultureInfo.InvariantCulture,
                $"The oldest of {progress.LagEvents} records that are not committed has been waiting for {lag.TotalSeconds:F0} s, longer than "
                + $"{nameof(SpeedOptions.MaxReadyLag)} of {options.MaxReadyLag.TotalSeconds:F0} s."),
            _ => null,
        };
        return new ItemHealth(NameOf(progress), reason is null ? HealthState.Ready : HealthState.NotReady, reason);
    }

    private static ItemHealth JudgeReplay(PartitionProgress progress) => progress.State is (PartitionState.Restarting, var reason)
        ? new ItemHealth(NameOf(progress), HealthState.Degraded, reason)
        : new ItemHealth(NameOf(progress), HealthState.Ready, null);

    private static string NameOf(PartitionProgress progress) => string.Create(CultureInfo.InvariantCulture, $"{progress.Stream}/{progress.Partition}");
}

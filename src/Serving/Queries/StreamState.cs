using Lambda.Serving.Answers;

namespace Lambda.Serving.Queries;

/// <summary>What follows from a stream's status and the log's offsets at an instant.</summary>
/// <param name="Watermark">The stream's watermark in UTC microseconds; <see cref="Lambda.Time.WatermarkTracker.None"/> before the first event.</param>
/// <param name="Lag">How far the speed layer is behind the log; null when the log does not answer.</param>
/// <param name="Freshness">What the newest event is.</param>
/// <param name="Partitions">The partitions.</param>
internal sealed record StreamState(
    long Watermark, LagAnswer? Lag, FreshnessAnswer Freshness, IReadOnlyList<PartitionAnswer> Partitions)
{
    /// <summary>Why the log is not the one that was computed, by all that it says itself; null as long as it seems to be.</summary>
    public string? Replaced { get; init; }
}

using System.Collections.Concurrent;

namespace Lambda.Batch.Telemetry;

/// <summary>How the last work of this process on each stream ended, for gauges and health. Safe for use by several threads at once.</summary>
internal sealed class BatchBoard
{
    private readonly ConcurrentDictionary<string, StreamWork> _streams = new(StringComparer.Ordinal);

    /// <summary>What is known of each stream, by name.</summary>
    public IReadOnlyDictionary<string, StreamWork> Streams => _streams;

    /// <summary>Takes note of a change.</summary>
    public void Update(string stream, Func<StreamWork, StreamWork> change) =>
        _streams.AddOrUpdate(stream, _ => change(StreamWork.None), (_, work) => change(work));
}

/// <summary>How the last work on a stream ended.</summary>
/// <param name="ArchiveError">Why its last archiving failed; null when it did not.</param>
/// <param name="RunError">Why its last run failed; null when it did not.</param>
/// <param name="Blocked">What the audit of its last run was blocked by; null when it was not.</param>
/// <param name="PublishedAt">When the generation that serves was published, in UTC; null when that is not known.</param>
internal sealed record StreamWork(string? ArchiveError, string? RunError, string? Blocked, DateTimeOffset? PublishedAt)
{
    /// <summary>Nothing was done yet.</summary>
    public static readonly StreamWork None = new(null, null, null, null);
}

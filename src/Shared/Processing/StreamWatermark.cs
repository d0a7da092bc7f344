using Lambda.Store;
using Lambda.Time;

namespace Lambda.Processing;

/// <summary>The watermark of a stream: the least of its partitions that are not idle.</summary>
internal static class StreamWatermark
{
    /// <summary>The highest event time, less the out-of-orderness that the stream allows, less one microsecond.</summary>
    public static long Of(PartitionStatus partition, TimeSpan outOfOrderness) =>
        WatermarkTracker.Of(partition.MaxEventTime, UtcMicroseconds.From(outOfOrderness));

    /// <summary>Whether a partition is left out at an instant: it never had a record, or none for longer than the stream waits.</summary>
    public static bool IsIdle(PartitionStatus partition, long now, TimeSpan idleAfter) =>
        partition.LastActivity(now) is not { } last || now - last > UtcMicroseconds.From(idleAfter);

    /// <summary>
    /// The stream's watermark at an instant. Once all partitions are idle it stands still: it is what it was when the last of them had a record.
    /// </summary>
    public static long Of(IReadOnlyList<PartitionStatus> partitions, long now, TimeSpan idleAfter, TimeSpan outOfOrderness)
    {
        long? newest = partitions.Max(partition => partition.LastActivity(now));
        long reference = Math.Min(now, newest ?? now);
        if (partitions.Any(partition => !IsIdle(partition, now, idleAfter)))
        {
            reference = now;
        }

        return partitions
            .Where(partition => !IsIdle(partition, reference, idleAfter))
            .Select(partition => Of(partition, outOfOrderness))
            .DefaultIfEmpty(WatermarkTracker.None)
            .Min();
    }

    /// <summary>
    /// When a partition last had a record, for all that is known at an instant. An append time that lies ahead of it, as producers may give where a topic keeps what they say, tells nothing of that.
    /// </summary>
    private static long? LastActivity(this PartitionStatus partition, long now) => (partition.CommittedAt, partition.LastAppendedAt) switch
    {
        ({ } committed, { } appended) when appended <= now => Math.Max(committed, appended),
        ({ } committed, _) => committed,
        (null, var appended) => appended,
    };
}

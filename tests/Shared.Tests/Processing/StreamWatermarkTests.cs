using Lambda.Processing;
using Lambda.Store;
using Lambda.Time;
using Xunit;

namespace Lambda.Tests.Processing;

/// <summary>
/// Partitions as (highest event time, last commit) in seconds; idle after 30 s, out-of-orderness 5 s. The watermark of a partition with events up to
/// 100 s is 95 s less a microsecond.
/// </summary>
public class StreamWatermarkTests
{
    [Theory]
    [InlineData(1000, 95, "100@990 200@995")]
    [InlineData(1021, 195, "100@990 200@995")]
    [InlineData(1020, 95, "100@990 200@995")]
    [InlineData(1000, 195, "-@- 200@995")]
    [InlineData(9000, 95, "100@990 200@995")]
    [InlineData(9000, 195, "100@900 200@995")]
    [InlineData(9000, null, "-@- -@-")]
    public void It_is_the_least_of_the_partitions_that_are_not_idle_and_stands_still_when_all_are(int now, int? expected, string partitions)
    {
        PartitionStatus[] statuses = [.. partitions.Split(' ').Select(Parse)];

        long watermark = StreamWatermark.Of(statuses, now * 1_000_000L, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5));

        Assert.Equal(expected is { } seconds ? (seconds * 1_000_000L) - 1 : WatermarkTracker.None, watermark);
    }

    private static PartitionStatus Parse(string text, int partition)
    {
        string[] parts = text.Split('@');
        long? Microseconds(string part) => part == "-" ? null : long.Parse(part, null) * 1_000_000;
        return new PartitionStatus(partition, 0, 1, Microseconds(parts[0]), Microseconds(parts[1]), Microseconds(parts[1]), 0, 0);
    }
}

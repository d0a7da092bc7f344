using Lambda.Processing;
using Lambda.Store;
using Lambda.Time;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Processing;

/// <summary>
/// Partitions as (highest event time, last commit) in seconds; idle after 30 s, out-of-orderness 5 s. The watermark of a partition with events up to
/// 100 s is 95 s less a microsecond.
/// </summary>
public class StreamWatermarkTests
{
    private const long Second = 1_000_000;

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

    public static TheoryData<string> Forms => ["tumbling", "sliding", "daily", "all time"];

    /// <summary>As long as a partition that is not idle may bring an event in order, no window that would take it is complete.</summary>
    [Theory]
    [MemberData(nameof(Forms))]
    public void No_window_is_complete_before_every_partition_that_is_not_idle_has_passed_it(string form)
    {
        WindowSpec windows = form switch
        {
            "tumbling" => Tumbling.Every(TimeSpan.FromSeconds(10)),
            "sliding" => Sliding.Every(slide: TimeSpan.FromSeconds(3), size: TimeSpan.FromSeconds(10)),
            "daily" => Tumbling.Daily(TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu")),
            _ => AllTime.Window,
        };
        ISlicing slicing = ((SlicedWindows)windows).Slicing;
        int seed = Random.Shared.Next();
        Random random = new(seed);
        int complete = 0;
        for (int round = 0; round < 3000; round++)
        {
            long now = random.NextInt64(300_000) * Second;
            PartitionStatus[] partitions =
            [
                .. Enumerable.Range(0, random.Next(1, 5)).Select(partition => new PartitionStatus(
                    partition, 0, 1, random.NextInt64(300_000) * Second, null, now - (random.NextInt64(60) * Second), 0, 0)),
            ];
            long watermark = StreamWatermark.Of(partitions, now, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5));
            long[] starts = new long[1];
            slicing.AssignSlices([random.NextInt64(300_000) * Second], starts);
            for (int position = 0; position < slicing.WindowCount(starts[0]); position++)
            {
                TimeWindow window = slicing.WindowAt(starts[0], position);
                if (windows.IsComplete(window, 1, watermark))
                {
                    complete++;

                    // What a partition brings next in order is no earlier than its newest event less the out-of-orderness.
                    Assert.All(
                        partitions.Where(partition => now - partition.CommittedAt <= 30 * Second),
                        partition => Assert.True(partition.MaxEventTime - (5 * Second) >= window.End, $"seed {seed}, round {round}: {window}, {partition}"));
                }
            }
        }

        Assert.Equal(form == "all time", complete == 0);
    }

    /// <summary>
    /// <code>
    /// partition 0   event at 100 s ... silent from 990 s on ... back at 1022 s
    /// partition 1   event at 200 s ... goes on all the time
    /// window [90, 100)          open | complete from 1021 s | open | complete again when partition 0 has come to 105 s
    /// </code>
    /// </summary>
    [Fact]
    public void Idleness_of_a_partition_completes_windows_and_its_return_opens_them_again()
    {
        WindowSpec windows = Sliding.Every(slide: TimeSpan.FromSeconds(5), size: TimeSpan.FromSeconds(10));

        bool IsComplete(int now, string partitions) => windows.IsComplete(
            new TimeWindow(90 * Second, 100 * Second),
            1,
            StreamWatermark.Of([.. partitions.Split(' ').Select(Parse)], now * Second, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5)));

        Assert.False(IsComplete(1020, "100@990 200@1020"));
        Assert.True(IsComplete(1021, "100@990 200@1020"));
        Assert.False(IsComplete(1022, "101@1022 200@1020"));
        Assert.True(IsComplete(1023, "105@1023 200@1020"));
    }

    // A producer that gives microseconds for milliseconds has its record appended in the year 9999. Its partition was never idle again, and no window complete.
    [Fact]
    public void A_record_with_an_append_time_in_the_future_keeps_no_partition_from_becoming_idle()
    {
        PartitionStatus[] partitions = [Parse("100@990", 0) with { LastAppendedAt = UtcMicroseconds.MaxValue }, Parse("200@1020", 1)];

        Assert.False(StreamWatermark.IsIdle(partitions[0], 1020 * Second, TimeSpan.FromSeconds(30)));
        Assert.True(StreamWatermark.IsIdle(partitions[0], 1021 * Second, TimeSpan.FromSeconds(30)));
        Assert.Equal((195 * Second) - 1, StreamWatermark.Of(partitions, 1021 * Second, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5)));

        // When all are idle it stands where it did when the last of them had a record: the first was not idle then.
        Assert.Equal((95 * Second) - 1, StreamWatermark.Of(partitions, 9000 * Second, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5)));
    }

    private static PartitionStatus Parse(string text, int partition)
    {
        string[] parts = text.Split('@');
        long? Microseconds(string part) => part == "-" ? null : long.Parse(part, null) * 1_000_000;
        return new PartitionStatus(partition, 0, 1, Microseconds(parts[0]), Microseconds(parts[1]), Microseconds(parts[1]), 0, 0);
    }
}

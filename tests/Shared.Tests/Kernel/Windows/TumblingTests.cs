using System.Numerics;
using Lambda.Time;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Windows;

public sealed class TumblingTests
{
    /// <summary>
    /// The table that Apache Flink's own tests use, in microseconds: time, offset, size and the window's start.
    /// </summary>
    [Theory]
    [InlineData(1, 0, 7, 0)]
    [InlineData(6, 0, 7, 0)]
    [InlineData(7, 0, 7, 7)]
    [InlineData(8, 0, 7, 7)]
    [InlineData(1, 3, 7, -4)]
    [InlineData(2, 3, 7, -4)]
    [InlineData(3, 3, 7, 3)]
    [InlineData(9, 3, 7, 3)]
    [InlineData(10, 3, 7, 10)]
    [InlineData(1, -2, 7, -2)]
    [InlineData(-2, -2, 7, -2)]
    [InlineData(-3, -2, 7, -9)]
    [InlineData(4, -2, 7, -2)]
    [InlineData(7, -2, 7, 5)]
    [InlineData(12, -2, 7, 12)]
    [InlineData(-1, 0, 7, -7)]
    [InlineData(-7, 0, 7, -7)]
    [InlineData(-8, 0, 7, -14)]
    [InlineData(5, 24, 7, 3)]
    [InlineData(0, -25, 7, -4)]
    public void A_window_starts_where_Flink_starts_it(long time, long offset, long size, long start) =>
        Assert.Equal(start, Start(time, Of(size, offset)));

    [Fact]
    public void Every_instant_lies_in_its_window_and_windows_tile_the_line()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < 2000; round++)
        {
            long size = random.Next(3) == 0 ? random.Next(1, 10) : random.NextInt64(1, TimeSpan.MaxValue.Ticks / 10);
            long offset = random.NextInt64(-2 * Math.Min(size, 1L << 58), 2 * Math.Min(size, 1L << 58));
            ISlicing slicing = ((SlicedWindows)Of(size, offset % (TimeSpan.MaxValue.Ticks / 10))).Slicing;
            long[] times = [.. Enumerable.Range(0, 20).Select(_ => random.Next(4) switch
            {
                0 => UtcMicroseconds.MinValue,
                1 => UtcMicroseconds.MaxValue,
                2 => random.Next(-20, 20),
                _ => random.NextInt64(UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue),
            })];
            long[] starts = new long[times.Length];
            slicing.AssignSlices(times, starts);
            for (int i = 0; i < times.Length; i++)
            {
                TimeWindow window = slicing.WindowAt(starts[i], 0);
                Assert.True(window.Start <= times[i] && times[i] < window.End, $"seed {seed}: {times[i]} is not in {window}");
                Assert.Equal(window.End, slicing.SliceEnd(starts[i]));
                BigInteger distance = (BigInteger)starts[i] - (offset % (TimeSpan.MaxValue.Ticks / 10));
                Assert.True(distance % size == 0, $"seed {seed}: {window} is off the grid of {size} and {offset}");
            }
        }
    }

    [Fact]
    public void The_last_instant_of_a_window_and_the_first_of_the_next_part()
    {
        long[] starts = new long[4];
        ((SlicedWindows)Of(60, 0)).Slicing.AssignSlices([59, 60, 59, 119], starts);

        Assert.Equal([0, 60, 0, 60], starts);
    }

    /// <summary>
    /// <code>
    /// window [0, 100), lateness 10:   0 ............ 99 | 100 ...... 109
    ///                                    takes            takes until the watermark is 109
    /// </code>
    /// </summary>
    [Theory]
    [InlineData(0, 98, false, false)]
    [InlineData(0, 99, true, true)]
    [InlineData(10, 99, true, false)]
    [InlineData(10, 108, true, false)]
    [InlineData(10, 109, true, true)]
    [InlineData(10, WatermarkTracker.None, false, false)]
    public void A_window_is_complete_at_its_last_instant_and_refuses_after_the_lateness(long lateness, long watermark, bool complete, bool refuses)
    {
        ISlicing slicing = ((SlicedWindows)Of(100, 0)).Slicing;

        Assert.Equal(complete, slicing.WindowAt(0, 0).IsComplete(watermark));
        Assert.Equal(refuses, slicing.WindowAt(0, 0).Refuses(watermark, lateness));
        Assert.Equal(refuses ? 1 : 0, slicing.CountRefusals(0, watermark, lateness));
    }

    [Fact]
    public void A_watermark_stands_behind_the_highest_time_by_the_bound_and_one_microsecond()
    {
        WatermarkTracker tracker = new(outOfOrderness: 5, maxEventTime: null);
        long[] before = new long[4];
        tracker.Advance([10, 20, 15, 30], before);

        Assert.Equal([WatermarkTracker.None, 4, 14, 14], before);
        Assert.Equal(30, tracker.MaxEventTime);
        tracker.Advance([7], before);
        Assert.Equal(24, before[0]);
        Assert.Equal(30, tracker.MaxEventTime);
    }

    [Fact]
    public void A_watermark_goes_on_where_a_stored_one_stopped()
    {
        WatermarkTracker tracker = new(outOfOrderness: 0, maxEventTime: UtcMicroseconds.MinValue);
        long[] before = new long[1];
        tracker.Advance([UtcMicroseconds.MaxValue], before);

        Assert.Equal(UtcMicroseconds.MinValue - 1, before[0]);
        Assert.Equal(UtcMicroseconds.MaxValue - 1, WatermarkTracker.Of(tracker.MaxEventTime, 0));
        Assert.Equal(WatermarkTracker.None, WatermarkTracker.Of(null, 0));
    }

    private static WindowSpec Of(long size, long offset) =>
        Tumbling.Every(TimeSpan.FromTicks(size * 10), TimeSpan.FromTicks(offset * 10));

    private static long Start(long time, WindowSpec spec)
    {
        long[] starts = new long[1];
        ((SlicedWindows)spec).Slicing.AssignSlices([time], starts);
        return starts[0];
    }
}

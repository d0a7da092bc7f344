using Lambda.Time;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Windows;

public sealed class SlidingTests
{
    /// <summary>
    /// What Apache Flink's own tests of sliding windows ask for, in microseconds.
    /// <code>
    /// size 5000, slide 1000    -4000 ... 0 ....... 1000 ...... 4999 | 5000
    ///   the instant 0 lies in  [-4000 ............ 1000)
    ///                                  ...  [0 ..................... 5000)
    /// </code>
    /// </summary>
    [Theory]
    [InlineData(0, 0, "-4000..1000 -3000..2000 -2000..3000 -1000..4000 0..5000")]
    [InlineData(4999, 0, "0..5000 1000..6000 2000..7000 3000..8000 4000..9000")]
    [InlineData(5000, 0, "1000..6000 2000..7000 3000..8000 4000..9000 5000..10000")]
    [InlineData(100, 100, "-3900..1100 -2900..2100 -1900..3100 -900..4100 100..5100")]
    [InlineData(5099, 100, "100..5100 1100..6100 2100..7100 3100..8100 4100..9100")]
    [InlineData(0, -100, "-4100..900 -3100..1900 -2100..2900 -1100..3900 -100..4900")]
    [InlineData(-1, 0, "-5000..0 -4000..1000 -3000..2000 -2000..3000 -1000..4000")]
    public void Windows_lie_where_Flink_lays_them(long time, long offset, string windows) =>
        Assert.Equal(windows, Slices.OfSliding(size: 5000, slide: 1000, offset).WindowsOf(time));

    /// <summary>
    /// <code>
    /// size 7, slide 3     0     3     6  7  9 10    12
    ///                     [ - - - - - - -)
    ///                           [ - - - - - - -)
    ///                                 [ - - - - - - -)
    /// slices              |0,1) |1,3)  so 6 is in three windows and 7 in two
    /// </code>
    /// </summary>
    [Theory]
    [InlineData(6, "0..7 3..10 6..13", "6..7")]
    [InlineData(7, "3..10 6..13", "7..9")]
    [InlineData(8, "3..10 6..13", "7..9")]
    [InlineData(9, "3..10 6..13 9..16", "9..10")]
    [InlineData(-1, "-6..1 -3..4", "-2..0")]
    [InlineData(-3, "-9..-2 -6..1 -3..4", "-3..-2")]
    public void A_size_need_not_be_a_multiple_of_the_slide(long time, string windows, string slice)
    {
        ISlicing slicing = Slices.OfSliding(size: 7, slide: 3);

        Assert.Equal(windows, slicing.WindowsOf(time));
        Assert.Equal(slice, Slices.Text(slicing.SliceOf(time)));
    }

    /// <summary>
    /// <code>
    /// size 2, slide 5     0   2         5   7         10
    ///                     [ - )         [ - )         [ - )
    ///                          a gap         a gap
    /// </code>
    /// </summary>
    [Theory]
    [InlineData(0, "0..2")]
    [InlineData(1, "0..2")]
    [InlineData(2, "")]
    [InlineData(4, "")]
    [InlineData(5, "5..7")]
    [InlineData(-1, "")]
    [InlineData(-4, "-5..-3")]
    [InlineData(-5, "-5..-3")]
    public void A_slide_longer_than_the_size_leaves_gaps_that_belong_to_no_window(long time, string windows)
    {
        ISlicing slicing = Slices.OfSliding(size: 2, slide: 5);

        Assert.True(slicing.HasGaps);
        Assert.Equal(windows, slicing.WindowsOf(time));
        Assert.Equal(windows.Length == 0 ? 0 : 1, slicing.CountRefusals(slicing.SliceOf(time).Start, long.MaxValue / 2, 0));
    }

    /// <summary>
    /// <code>
    /// size 9, slide 10     0 ....... 8 | 9 | 10 ....... 18 | 19 |
    ///                      [ - - - - - )   [ - - - - - - - )
    /// </code>
    /// </summary>
    [Theory]
    [InlineData(9, 10, "0..9||10..19")]
    [InlineData(10, 9, "-9..1 0..10|0..10 9..19|9..19")]
    [InlineData(10, 10, "0..10|0..10|10..20")]
    public void A_microsecond_makes_the_difference(long size, long slide, string windows)
    {
        ISlicing slicing = Slices.OfSliding(size, slide);

        Assert.Equal(windows, string.Join('|', new long[] { 0, 9, 10 }.Select(slicing.WindowsOf)));
        Assert.Equal(size < slide, slicing.HasGaps);
    }

    /// <summary>
    /// An event at 10 with windows of 40 that slide by 10, lateness 5:
    /// <code>
    /// window at -20 .... 19 + 5 = 24      refuses from watermark 24 on, position 0
    /// window at -10 ........... 34        position 1
    /// window at   0 ................ 44   position 2
    /// window at  10 ..................... 54   position 3; when it refuses as well, the event is late
    /// </code>
    /// </summary>
    [Theory]
    [InlineData(WatermarkTracker.None, 0)]
    [InlineData(23, 0)]
    [InlineData(24, 1)]
    [InlineData(33, 1)]
    [InlineData(34, 2)]
    [InlineData(43, 2)]
    [InlineData(44, 3)]
    [InlineData(53, 3)]
    [InlineData(54, 4)]
    [InlineData(long.MaxValue, 4)]
    public void The_earliest_windows_refuse_an_event_first(long watermark, int missed)
    {
        ISlicing slicing = Slices.OfSliding(size: 40, slide: 10);

        Assert.Equal("-20..20 -10..30 0..40 10..50", slicing.WindowsOf(10));
        Assert.Equal(missed, slicing.CountRefusals(10, watermark, allowedLateness: 5));
    }

    [Fact]
    public void Windows_and_refusals_are_those_of_plain_enumeration()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < 300; round++)
        {
            long size = random.Next(1, 40);
            long slide = random.Next(1, 40);
            long offset = random.Next(-60, 60);
            ISlicing slicing = Slices.OfSliding(size, slide, offset);
            string place = $"seed {seed}: size {size}, slide {slide}, offset {offset}";
            for (long time = -90; time < 90; time++)
            {
                long[] starts = [.. Enumerable.Range(0, 400).Select(i => (offset % slide) + ((i - 200) * slide)).Where(s => s <= time && time < s + size)];
                string expected = string.Join(' ', starts.Select(start => $"{start}..{start + size}"));
                Assert.True(expected == slicing.WindowsOf(time), $"{place}, instant {time}: {slicing.WindowsOf(time)}, not {expected}");

                TimeWindow slice = slicing.SliceOf(time);
                Assert.True(slice.Start <= time && time < slice.End, $"{place}: {time} is not in {slice}");
                long watermark = time + random.Next(-60, 60);
                long lateness = random.Next(0, 30);
                int refusals = starts.Count(start => watermark >= start + size - 1 + lateness);
                Assert.Equal(refusals, slicing.CountRefusals(slice.Start, watermark, lateness));

                TimeWindow range = new(time, time + random.Next(1, 50));
                long[] overlapping = [.. Enumerable.Range(0, 400).Select(i => (offset % slide) + ((i - 200) * slide)).Where(s => s < range.End && s + size > range.Start)];
                TimeWindow slices = slicing.SlicesOf(range);
                Assert.True(
                    overlapping.Length == 0 ? slices.Start >= slices.End : slices == new TimeWindow(overlapping[0], overlapping[^1] + size),
                    $"{place}: the slices of {range} are {slices}");
            }
        }
    }

    /// <summary>Neighbouring instants share a slice exactly when they belong to the same windows; so no cut can have fewer.</summary>
    [Fact]
    public void There_are_as_few_slices_as_there_can_be()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < 300; round++)
        {
            long size = random.Next(1, 40);
            long slide = random.Next(1, 40);
            ISlicing slicing = Slices.OfSliding(size, slide, random.Next(-60, 60));
            for (long time = -90; time < 90; time++)
            {
                Assert.True(
                    (slicing.SliceOf(time) == slicing.SliceOf(time + 1)) == (slicing.WindowsOf(time) == slicing.WindowsOf(time + 1)),
                    $"seed {seed}: size {size}, slide {slide}, instant {time}");
            }
        }
    }

    [Theory]
    [InlineData(60, 60)]
    [InlineData(60, 20)]
    [InlineData(7, 3)]
    [InlineData(8, 3)]
    [InlineData(10, 9)]
    [InlineData(2, 5)]
    public void The_reach_is_from_the_last_slice_of_a_window_back_to_its_start(long size, long slide)
    {
        ISlicing slicing = Slices.OfSliding(size, slide, offset: 1);
        IEnumerable<long> distances = Enumerable.Range(-200, 400)
            .Select(time => slicing.SliceOf(time).Start)
            .Where(slice => slicing.WindowCount(slice) > 0)
            .Select(slice => slice - slicing.WindowAt(slice, 0).Start);

        Assert.Equal(distances.Max(), slicing.Reach);
    }

    [Fact]
    public void A_slice_of_a_million_windows_is_judged_without_walking_them()
    {
        ISlicing slicing = Slices.OfSliding(size: 999_999, slide: 1);
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < 100_000; round++)
        {
            long time = random.NextInt64(UtcMicroseconds.MinValue, UtcMicroseconds.MaxValue);
            long watermark = time + random.Next(-10, 1_000_010);

            // The windows end, exclusively, at time + 1 to time + 999,999.
            Assert.True(
                Math.Clamp(watermark - time + 1, 0, 999_999) == slicing.CountRefusals(time, watermark, 0), $"seed {seed}: {time}, {watermark}");
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(922337203685477580, 922337203685477580)]
    [InlineData(922337203685477580, 922337203686)]
    [InlineData(1, 922337203685477580)]
    [InlineData(922337203685477579, 922337203685477580)]
    public void Nothing_overflows_at_the_ends_of_time(long size, long slide)
    {
        foreach (long offset in (long[])[0, slide - 1, 1 - slide])
        {
            ISlicing slicing = Slices.OfSliding(size, slide, offset);
            foreach (long time in (long[])[UtcMicroseconds.MinValue, UtcMicroseconds.MinValue + 1, -1, 0, UtcMicroseconds.MaxValue - 1, UtcMicroseconds.MaxValue])
            {
                TimeWindow slice = slicing.SliceOf(time);
                Assert.InRange(time, slice.Start, slice.End - 1);
                int count = slicing.WindowCount(slice.Start);
                foreach (int position in count == 0 ? [] : new[] { 0, count - 1 })
                {
                    TimeWindow window = slicing.WindowAt(slice.Start, position);
                    Assert.InRange(time, window.Start, window.End - 1);
                    Assert.Equal(size, window.End - window.Start);
                }

                long lateness = TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond;
                Assert.Equal(0, slicing.CountRefusals(slice.Start, WatermarkTracker.None, lateness));
                Assert.Equal(0, slicing.CountRefusals(slice.Start, WatermarkTracker.Of(UtcMicroseconds.MinValue, lateness), lateness));
                Assert.Equal(count, slicing.CountRefusals(slice.Start, long.MaxValue, lateness));
            }

            Assert.Equal(TimeWindow.All, slicing.SlicesOf(TimeWindow.All));
            TimeWindow first = slicing.SlicesOf(new TimeWindow(long.MinValue, 0));
            Assert.Equal(long.MinValue, first.Start);
        }
    }
}

using Lambda.Batch.History.Files;
using Lambda.Batch.Recompute;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>Time is cut between dates, so that each piece has about as many events, and none is lost between two.</summary>
public sealed class TimeChunksTests
{
    private static readonly DateOnly First = new(2024, 2, 27);

    [Fact]
    public void A_chunk_ends_before_the_date_that_would_make_it_too_large()
    {
        IReadOnlyList<TimeWindow> chunks = TimeChunks.Of(Days(40, 40, 40, 500, 1), 100, TimeWindow.All, Slicing(Tumbling.Every(TimeSpan.FromHours(1))));

        Assert.Equal([new(long.MinValue, Start(2)), new(Start(2), Start(3)), new(Start(3), Start(4)), new(Start(4), long.MaxValue)], chunks);
    }

    [Fact]
    public void Chunks_are_no_shorter_than_the_windows_that_reach_into_them()
    {
        TimeWindow within = new(Start(0), Start(9));

        IReadOnlyList<TimeWindow> chunks = TimeChunks.Of(
            Days(9, 9, 9, 9, 9, 9, 9, 9, 9), 1, within, Slicing(Sliding.Every(TimeSpan.FromDays(1), TimeSpan.FromDays(2))));

        Assert.Equal(within.Start, chunks[0].Start);
        Assert.Equal(within.End, chunks[^1].End);
        Assert.All(chunks.Zip(chunks.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
        Assert.All(chunks.SkipLast(1), chunk => Assert.True(chunk.End - chunk.Start >= TimeSpan.FromDays(3).Ticks / TimeSpan.TicksPerMicrosecond));
    }

    [Fact]
    public void One_window_of_all_time_is_one_chunk() =>
        Assert.Equal([TimeWindow.All], TimeChunks.Of(Days(9, 9, 9), 1, TimeWindow.All, Slicing(AllTime.Window)));

    private static ISlicing Slicing(WindowSpec windows) => ((SlicedWindows)windows).Slicing;

    private static Dictionary<DateOnly, long> Days(params long[] events) =>
        events.Select((count, day) => (Date: First.AddDays(day), Count: count)).ToDictionary(day => day.Date, day => day.Count);

    private static long Start(int day) => EventDate.StartOf(First.AddDays(day));
}

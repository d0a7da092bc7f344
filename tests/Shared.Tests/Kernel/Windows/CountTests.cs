using Lambda.Definition;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Tests.Kernel.Streams;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Operators;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Lambda.Views.Tables;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Windows;

/// <summary>
/// A funnel of three steps within ten minutes. An event is written <c>key minute</c>, at its partition/offset; a window <c>key@position [first, last minute] events</c>.
/// </summary>
public sealed class CountTests
{
    private const long Minute = 60_000_000;
    private static readonly StreamPlan Plan = new(Declared());

    /// <summary>
    /// <code>
    /// offset   0    1    2 |  3    4
    /// minute   0    1    2 |  3    4      the third event fills the window, the fourth opens the next
    /// </code>
    /// </summary>
    [Fact]
    public void A_window_ends_with_the_event_that_fills_it() =>
        Assert.Equal(["a@0/0 [0, 10] 3", "a@0/3 [3, 13] 2"], Windows(Events((0, "a", 0), (1, "a", 1), (2, "a", 2), (3, "a", 3), (4, "a", 4))));

    /// <summary>
    /// <code>
    /// offset   0    1 |  2
    /// minute   0   10 | 20.000001         at the timeout an event is still in; a microsecond later it opens the next window
    /// </code>
    /// </summary>
    [Fact]
    public void An_event_at_exactly_the_timeout_is_in_and_a_later_one_opens_the_next_window()
    {
        Assert.Equal(["a@0/0 [0, 10] 2"], Windows(Events((0, "a", 0), (1, "a", 10))));
        PartialBatch late = Events((0, "a", 0), (1, "a", 10));
        late.Starts.Clear();
        late.Starts.Add(0);
        late.Starts.Add((10 * Minute) + 1);
        Assert.Equal(2, Windows(late).Count);
    }

    /// <summary>
    /// <code>
    /// offset   0     1    2 |  3
    /// minute  60     5   70 | 71          what happened before the first event but came after it is taken, however long before
    /// </code>
    /// </summary>
    [Fact]
    public void The_order_of_the_log_decides_and_not_that_of_time() =>
        Assert.Equal(["a@0/0 [60, 70] 3", "a@0/3 [71, 81] 1"], Windows(Events((3, "a", 71), (1, "a", 5), (2, "a", 70), (0, "a", 60))));

    [Fact]
    public void Keys_and_partitions_have_windows_of_their_own() => Assert.Equal(
        ["a@0/0 [0, 10] 2", "b@0/1 [0, 10] 1", "a@1/0 [0, 10] 2"],
        Windows(Events((0, "a", 0), (1, "b", 0), (2, "a", 1)), Events(1, (0, "a", 0), (1, "a", 2))));

    [Fact]
    public void Windows_that_begin_at_the_same_instant_are_told_apart_by_position() => Assert.Equal(
        ["a@0/0 [0, 10] 3", "a@0/3 [0, 10] 3", "a@0/6 [0, 10] 1"], Windows(Events([.. Enumerable.Range(0, 7).Select(offset => ((long)offset, "a", 0))])));

    /// <summary>
    /// <code>
    /// offset   0    1    2 |  3 || 4    5 |  6         || boundary of the batch layer, which has joined 0 to 2 and begun a window with 3
    /// minute   0    1    2 |  3 || 4    5 |  6
    /// </code>
    /// </summary>
    [Fact]
    public void The_speed_layer_goes_on_with_the_window_that_the_batch_layer_has_begun()
    {
        PartialBatch joined = Settled(Events((0, "a", 0), (1, "a", 1), (2, "a", 2), (3, "a", 3)));

        Assert.Equal(["0/0:3", "0/3:1"], Enumerable.Range(0, joined.Count).Select(row => $"{Place(joined.Positions![row])}:{joined.EventCounts[row]}"));
        Assert.Equal(
            ["a@0/0 [0, 10] 3", "a@0/3 [3, 13] 3", "a@0/6 [6, 16] 1"], Windows(Events((4, "a", 4), (5, "a", 5), (6, "a", 6)), joined));
    }

    [Fact]
    public void The_batch_layer_joins_no_events_of_different_partitions()
    {
        PartialTable table = PartialTable.Create(Plan.Views[0].View, new StringDictionary());
        table.Merge(Events(1, (3, "a", 1), (0, "a", 0)));
        table.Merge(Events((1, "a", 0)));
        PartialBatch joined = new(Plan.Views[0].View.Layout);
        table.ExportSettled(joined);

        Assert.Equal(["0/1:1", "1/0:2"], Enumerable.Range(0, joined.Count).Select(row => $"{Place(joined.Positions![row])}:{joined.EventCounts[row]}"));
    }

    /// <summary>
    /// <code>
    /// offset   0    1    2    3    5    6 |  7    8
    /// minute   x    0    x    1    2    x |  3    x        x removed: takes no place, and is counted with the window that was open
    /// </code>
    /// </summary>
    [Fact]
    public void Removed_events_take_no_place_and_belong_to_the_window_that_was_open()
    {
        WindowComposer composer = new(Plan.Views[0].View);
        PartialSource kept = composer.AddSource(PartialSelection.Accepted, SourceRole.Result);
        PartialSource removed = composer.AddSource(PartialSelection.Accepted, SourceRole.Tally);
        composer.Add(kept, Settled(Events((1, "a", 0), (3, "a", 1), (5, "a", 2), (7, "a", 3))));
        composer.Add(removed, Events((0, "a", 90), (2, "a", 0), (6, "a", 99), (8, "a", 5)));
        composer.Add(removed, Events(1, (0, "a", 0), (1, "a", 1), (2, "a", 2), (3, "a", 3)));

        // Nothing is left of partition 1: what was removed is shown by windows of its own, without results.
        Assert.Equal(
            ["a@0/1 3 -3", "a@1/0 0 -3", "a@0/7 1 -1", "a@1/3 0 -1"],
            composer.Compose(TimeWindow.All).OrderBy(row => row.Start).ThenBy(row => row.Address.First)
                .Select(row => $"{row.Key}@{Place(row.Address.First!.Value)} {row.EventCount} -{row.EventsOf(removed)}"));
    }

    [Fact]
    public void Nothing_is_late()
    {
        WindowComposer composer = new(Plan.Views[0].View);
        PartialSource late = composer.AddSource(PartialSelection.Late, SourceRole.Result);
        composer.Add(late, Events((0, "a", 0), (1, "a", -99)));

        Assert.Empty(composer.Compose(TimeWindow.All));
    }

    [Theory]
    [InlineData(3, -1, true)]
    [InlineData(2, 10, true)]
    [InlineData(2, 9, false)]
    public void A_window_is_complete_when_it_is_full_or_has_timed_out(long events, long watermarkMinute, bool isComplete)
    {
        CountWindows form = (CountWindows)Plan.Views[0].View.Window;

        Assert.Equal(isComplete, form.IsComplete(form.WindowOf(0), events, watermarkMinute * Minute));
    }

    [Fact]
    public void What_was_exported_as_touched_is_dropped_and_the_next_events_come_alone()
    {
        PartialTable table = Table(0, (0, "a", 0), (1, "b", 0));
        PartialBatch first = new(Plan.Views[0].View.Layout);
        table.ExportTouched(first);
        long emptied = table.Count;
        PartialBatch nothing = new(Plan.Views[0].View.Layout);
        table.ExportTouched(nothing);
        table.Merge(Events((2, "a", 1)));
        PartialBatch second = new(Plan.Views[0].View.Layout);
        table.ExportTouched(second);

        Assert.Equal((2, 0L, 0, 1), (first.Count, emptied, nothing.Count, second.Count));
        Assert.Equal(["a@0/0 [0, 10] 2", "b@0/1 [0, 10] 1"], Windows(first, second));
    }

    [Fact]
    public void Windows_joined_below_any_boundary_and_events_from_it_on_are_the_windows_of_all_events()
    {
        for (int round = 0; round < 300; round++)
        {
            int seed = Random.Shared.Next();
            Random random = new(seed);
            (long, string, int)[] events =
                [.. Enumerable.Range(0, random.Next(1, 60)).Select(offset => ((long)offset, random.Next(2) == 0 ? "a" : "b", random.Next(offset - 8, offset + 15)))];
            int boundary = random.Next(events.Length + 1);
            (long, string, int)[] below = [.. events[..boundary].OrderBy(_ => random.Next())];

            List<string> whole = Windows(Events(events));
            List<string> cut = Windows(Events([.. events[boundary..].OrderBy(_ => random.Next())]), Settled(Events(below)));

            Assert.True(whole.SequenceEqual(cut), $"seed {seed}, boundary {boundary}:\n{string.Join('\n', whole)}\nbut\n{string.Join('\n', cut)}");
        }
    }

    [Fact]
    public void A_table_that_is_exported_again_and_again_allocates_nothing_per_event()
    {
        Allocated(1000);
        long few = Allocated(100);
        long many = Allocated(1000);

        Assert.True(many - few < 1000, $"{few} bytes for rounds of 100 events, {many} for rounds of 1000");
    }

    /// <summary>What ten warm rounds of so many events allocate.</summary>
    private static long Allocated(int events)
    {
        // Strings would be made for keys that are strings.
        StreamBuilder<Reading> stream = new StreamBuilder<Reading>("clicks").EventTime(e => e.Time).PartitionBy(e => e.Count);
        stream.View("funnel").GroupBy(e => e.Count).Window(Count.Of(3, timeout: TimeSpan.FromMinutes(10))).Aggregate(a => new { Steps = a.Count() });
        StreamPlan plan = new(((IStreamBuilder)stream).Build());
        StringDictionary dictionary = new();
        EventBatch batch = new(plan.ViewProjection, dictionary);
        Add(batch, 0, [.. Enumerable.Range(0, events).Select(offset => ((long)offset, "a", offset))]);
        StreamOperator kernel = new(plan, dictionary);
        PartialBatch exported = new(plan.Views[0].View.Layout);
        RowSelection rows = new();
        long before = 0;
        for (int round = -3; round < 10; round++)
        {
            before = round == 0 ? GC.GetAllocatedBytesForCurrentThread() : before;
            exported.Clear();
            rows.SelectAll(events);
            kernel.Process(batch, rows, []);
            kernel.Views[0].Table.ExportTouched(exported);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static StreamDefinition Declared()
    {
        StreamBuilder<Reading> stream = new StreamBuilder<Reading>("clicks").EventTime(e => e.Time).PartitionBy(e => e.Site);
        stream.View("funnel").GroupBy(e => e.Site).Window(Count.Of(3, timeout: TimeSpan.FromMinutes(10)))
            .Aggregate(a => new { Steps = a.Count() });
        return ((IStreamBuilder)stream).Build();
    }

    private static PartialBatch Events(params (long Offset, string Key, int Minute)[] events) => Events(0, events);

    private static PartialBatch Events(int partition, params (long Offset, string Key, int Minute)[] events)
    {
        PartialBatch exported = new(Plan.Views[0].View.Layout);
        Table(partition, events).ExportAll(exported);
        return exported;
    }

    private static PartialTable Table(int partition, params (long Offset, string Key, int Minute)[] events)
    {
        StringDictionary dictionary = new();
        EventBatch batch = new(Plan.ViewProjection, dictionary);
        Add(batch, partition, events);
        StreamOperator kernel = new(Plan, dictionary);
        RowSelection rows = new();
        rows.SelectAll(batch.Count);
        kernel.Process(batch, rows, []);
        return kernel.Views[0].Table;
    }

    private static void Add(EventBatch batch, int partition, (long Offset, string Key, int Minute)[] events)
    {
        foreach ((long offset, string key, int minute) in events)
        {
            BatchFilling.Add(
                batch, new Reading("", DateTimeOffset.UnixEpoch.AddMinutes(minute)) { Site = key }, partition, offset, Plan.Stream.EventTime);
        }
    }

    private static PartialBatch Settled(PartialBatch events)
    {
        PartialTable table = PartialTable.Create(Plan.Views[0].View, new StringDictionary());
        table.Merge(events);
        PartialBatch joined = new(events.Layout);
        table.ExportSettled(joined);
        return joined;
    }

    private static List<string> Windows(params PartialBatch[] partials)
    {
        WindowComposer composer = new(Plan.Views[0].View);
        PartialSource source = composer.AddSource(PartialSelection.Accepted, SourceRole.Result);
        foreach (PartialBatch batch in partials)
        {
            composer.Add(source, batch);
        }

        List<string> windows = [];
        foreach (WindowRow row in composer.Compose(TimeWindow.All).OrderBy(row => row.Address.First))
        {
            Assert.Equal(row.EventCount, row.Results[0]);
            windows.Add($"{row.Key}@{Place(row.Address.First!.Value)} [{row.Start / Minute}, {(row.End - 1) / Minute}] {row.EventCount}");
        }

        return windows;
    }

    private static string Place(EventPosition position) => $"{position.Partition}/{position.Offset}";
}

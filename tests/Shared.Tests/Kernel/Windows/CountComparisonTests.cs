using Lambda.Events;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Views.Tables;
using Lambda.Windows;
using Xunit;
using static Lambda.Tests.Kernel.Windows.TwoLayers;

namespace Lambda.Tests.Kernel.Windows;

/// <summary>Windows of keys that a comparison leaves out are the same on two sides when they are composed.</summary>
public sealed class CountComparisonTests
{
    private const int Rounds = 400;

    [Fact]
    public void What_is_left_composes_to_all_that_differs_and_nothing_else()
    {
        int left = 0;
        int differing = 0;
        for (int round = 0; round < Rounds; round++)
        {
            int seed = Random.Shared.Next();
            Random random = new(seed);
            ViewDefinition view = Define(random, out PartialBatch events, seed);
            PartialBatch changed = random.Next(3) switch
            {
                0 => events,
                1 => WithOtherState(events, random),
                _ => Without(events, random.Next(1, 3), random),
            };
            PartialBatch windows = random.Next(2) == 0 ? Joined(view, changed) : changed;
            CountComparison comparison = new(view);
            comparison.Add(ComparedSide.One, events);
            comparison.Add(ComparedSide.Other, windows);

            PartialKeys different = comparison.FindDifferent();

            List<string> whole = Differences(view, events, windows, out int count);
            List<string> among = Differences(view, different.Among(events), different.Among(windows), out int countAmong);
            Assert.True(whole.SequenceEqual(among), $"seed {seed}: {string.Join("; ", whole)} and not {string.Join("; ", among)}");
            Assert.True(count - countAmong == comparison.CountSame(long.MinValue), $"seed {seed}");
            left += count - countAmong;
            differing += whole.Count;
        }

        Assert.True(left > 0 && differing > 0, $"{left} windows were ever left out, and {differing} differed.");
    }

    [Fact]
    public void Nothing_is_left_where_one_side_has_windows_of_the_others_events()
    {
        for (int round = 0; round < Rounds; round++)
        {
            int seed = Random.Shared.Next();
            ViewDefinition view = Define(new Random(seed), out PartialBatch events, seed);
            CountComparison comparison = new(view);
            comparison.Add(ComparedSide.One, events);
            comparison.Add(ComparedSide.Other, Joined(view, events));

            Assert.True(comparison.FindDifferent().Count == 0, $"seed {seed}");
            long from = events.Starts[events.Count / 2];
            Assert.Equal(Compose(view, events, PartialSelection.AcceptedAndLate).Values.Count(row => row.Start >= from), comparison.CountSame(from));
        }
    }

    [Fact]
    public void Keys_of_what_neither_side_has_are_left()
    {
        ViewDefinition view = TwoLayers.Define(Count.Of(3, timeout: TimeSpan.FromHours(1)), TimeSpan.Zero).Views[0].CountingOnly();
        PartialBatch kept = new(view.Layout);
        Add(kept, "north", 1);
        Add(kept, "North", 2);
        Add(kept, null, 3);
        PartialBatch removed = new(view.Layout);
        Add(removed, "North", 4);
        CountComparison comparison = new(view);
        comparison.Add(ComparedSide.One, kept);
        comparison.Add(ComparedSide.Other, kept);
        comparison.Add(ComparedSide.Neither, removed);

        PartialBatch left = comparison.FindDifferent().Among(kept);

        Assert.Equal([2L], left.Starts.Values.ToArray());
        Assert.Equal(2, comparison.CountSame(long.MinValue));
    }

    private static ViewDefinition Define(Random random, out PartialBatch events, int seed)
    {
        StreamDefinition stream = TwoLayers.Define(Count.Of(random.Next(1, 5), timeout: TimeSpan.FromMinutes(random.Next(1, 60))), TimeSpan.Zero);
        do
        {
            (events, _) = Compute(stream, era: null, random, seed++);
        }
        while (events.Count == 0);

        return stream.Views[0];
    }

    private static PartialBatch Joined(ViewDefinition view, PartialBatch events)
    {
        PartialTable table = PartialTable.Create(view, new StringDictionary());
        table.Merge(events);
        PartialBatch windows = new(view.Layout);
        table.ExportSettled(windows);
        return windows;
    }

    /// <summary>The same events, of which one has added something else.</summary>
    private static PartialBatch WithOtherState(PartialBatch events, Random random)
    {
        int changed = random.Next(events.Count);
        int from = random.Next(events.Count);
        PartialBatch other = new(events.Layout);
        for (int row = 0; row < events.Count; row++)
        {
            other.AddFrom(events, row);
        }

        PartialBatch result = new(events.Layout);
        for (int row = 0; row < events.Count; row++)
        {
            for (int i = 0; i < events.Keys.Count; i++)
            {
                result.Keys[i].AddFrom(other.Keys[i], row);
            }

            result.Starts.AddFrom(other.Starts, row);
            result.Ends.AddFrom(other.Ends, row);
            result.Missed.AddFrom(other.Missed, row);
            result.EventCounts.AddFrom(other.EventCounts, row);
            result.Positions!.Add(other.Positions![row]);
            for (int i = 0; i < events.States.Count; i++)
            {
                result.States[i].AddFrom(other.States[i], row == changed ? from : row);
            }
        }

        return result;
    }

    private static List<string> Differences(ViewDefinition view, PartialBatch one, PartialBatch other, out int count)
    {
        Dictionary<WindowAddress, WindowRow> ofOne = Compose(view, one, PartialSelection.AcceptedAndLate);
        Dictionary<WindowAddress, WindowRow> ofOther = Compose(view, other, PartialSelection.AcceptedAndLate);
        List<WindowAddress> all = [.. ofOne.Keys.Union(ofOther.Keys)];
        count = all.Count;
        return
        [
            .. all.Where(address => Differ(ofOne.GetValueOrDefault(address), ofOther.GetValueOrDefault(address)))
                .Select(address => $"{address}: {Text(ofOne.GetValueOrDefault(address))} and {Text(ofOther.GetValueOrDefault(address))}").Order(StringComparer.Ordinal),
        ];
    }

    private static string Text(WindowRow? row) => row is null ? "none" : $"{row.End} {row.EventCount} {string.Join(',', row.Results)}";

    private static void Add(PartialBatch batch, string? site, long start)
    {
        if (site is null)
        {
            batch.Keys[0].AddNull();
        }
        else
        {
            ((ColumnBuffer<string>)batch.Keys[0]).Add(site);
        }

        batch.Starts.Add(start);
        batch.Ends.Add(start + 1);
        batch.Missed.Add(0);
        batch.EventCounts.Add(1);
        batch.Positions!.Add(new EventPosition(0, start));
        foreach (ColumnBuffer state in batch.States)
        {
            state.AddNull();
        }
    }
}

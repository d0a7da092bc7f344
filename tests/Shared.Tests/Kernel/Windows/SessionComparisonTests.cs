using Lambda.Events;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;
using Xunit;
using static Lambda.Tests.Kernel.Windows.TwoLayers;

namespace Lambda.Tests.Kernel.Windows;

/// <summary>Sessions that a comparison leaves out are the same on two sides when they are composed, and the others are whole.</summary>
public sealed class SessionComparisonTests
{
    private const int Rounds = 300;

    [Fact]
    public void What_is_left_composes_to_all_that_differs_and_nothing_else()
    {
        int left = 0;
        for (int round = 0; round < Rounds; round++)
        {
            int seed = Random.Shared.Next();
            Random random = new(seed);
            ViewDefinition view = Define(random, out PartialBatch speed, out PartialBatch batch, seed);
            PartialBatch changed = random.Next(3) switch
            {
                0 => TakenByAll(speed),
                1 => batch,
                _ => Without(batch, random.Next(1, 3), random),
            };
            SessionComparison comparison = new(view);
            comparison.Add(ComparedSide.One, speed);
            comparison.Add(ComparedSide.Other, changed);

            PartialIntervals different = comparison.FindDifferent();

            left += comparison.Count - different.Count;
            foreach (PartialSelection selection in (PartialSelection[])[PartialSelection.Accepted, PartialSelection.AcceptedAndLate])
            {
                IReadOnlyList<string> whole = Differences(view, speed, changed, selection);
                IReadOnlyList<string> among = Differences(view, different.Among(speed), different.Among(changed), selection);
                Assert.True(whole.SequenceEqual(among), $"seed {seed}, {selection}: {string.Join("; ", whole)} and not {string.Join("; ", among)}");
            }
        }

        Assert.True(left > 0, "No session was ever left out.");
    }

    [Fact]
    public void Nothing_is_left_where_both_sides_have_the_same()
    {
        for (int round = 0; round < Rounds; round++)
        {
            int seed = Random.Shared.Next();
            ViewDefinition view = Define(new Random(seed), out PartialBatch speed, out _, seed);
            PartialBatch inTime = TakenByAll(speed);
            SessionComparison comparison = new(view);
            comparison.Add(ComparedSide.One, inTime);
            comparison.Add(ComparedSide.Other, inTime);

            Assert.True(comparison.FindDifferent().IsEmpty, $"seed {seed}");
        }
    }

    /// <summary>Both sides have the same, and one of them beside it a partial that was removed: <c>[1, 3)</c> is one session with it, and <c>[9, 10)</c> is not.</summary>
    [Fact]
    public void Sessions_that_touch_what_neither_side_has_are_left()
    {
        ViewDefinition view = TwoLayers.Define(Session.WithGap(TimeSpan.FromMinutes(1)), TimeSpan.Zero).Views[0].CountingOnly();
        PartialBatch kept = new(view.Layout);
        Add(kept, 1, 3);
        Add(kept, 9, 10);
        PartialBatch removed = new(view.Layout);
        Add(removed, 3, 5);
        SessionComparison comparison = new(view);
        comparison.Add(ComparedSide.One, kept);
        comparison.Add(ComparedSide.Other, kept);
        comparison.Add(ComparedSide.Neither, removed);

        PartialBatch left = comparison.FindDifferent().Among(kept);

        Assert.Equal([1L], left.Starts.Values.ToArray());
    }

    private static ViewDefinition Define(Random random, out PartialBatch speed, out PartialBatch batch, int seed)
    {
        StreamDefinition stream = TwoLayers.Define(Session.WithGap(TimeSpan.FromSeconds(random.Next(10, 1200))), TimeSpan.FromMinutes(random.Next(0, 10)));
        (speed, batch) = Compute(stream, era: null, random, seed);
        return stream.Views[0];
    }

    private static List<string> Differences(ViewDefinition view, PartialBatch one, PartialBatch other, PartialSelection selection)
    {
        Dictionary<WindowAddress, WindowRow> ofOne = Compose(view, one, selection);
        Dictionary<WindowAddress, WindowRow> ofOther = Compose(view, other, selection);
        return
        [
            .. ofOne.Keys.Union(ofOther.Keys).Where(address => Differ(ofOne.GetValueOrDefault(address), ofOther.GetValueOrDefault(address)))
                .Select(address => $"{address}: {Text(ofOne.GetValueOrDefault(address))} and {Text(ofOther.GetValueOrDefault(address))}").Order(StringComparer.Ordinal),
        ];
    }

    private static string Text(WindowRow? row) => row is null ? "none" : $"{row.End} {row.EventCount} {string.Join(',', row.Results)}";

    private static void Add(PartialBatch batch, long start, long end)
    {
        batch.Keys[0].AddNull();
        batch.Starts.Add(start);
        batch.Ends.Add(end);
        batch.Missed.Add(0);
        batch.EventCounts.Add(1);
        batch.LiveSessions?.Add(new TimeWindow(start, end));
        foreach (ColumnBuffer state in batch.States)
        {
            state.AddNull();
        }
    }
}

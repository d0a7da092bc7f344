using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;
using Xunit;
using static Lambda.Tests.Kernel.Windows.TwoLayers;

namespace Lambda.Tests.Kernel.Windows;

/// <summary>Windows that slices say are the same on two sides are the same when they are composed, whatever their form and wherever time is cut.</summary>
public sealed class SliceComparisonTests
{
    private const int Rounds = 150;

    [Fact]
    public void Every_window_that_differs_is_found()
    {
        for (int round = 0; round < Rounds; round++)
        {
            int seed = Random.Shared.Next();
            Random random = new(seed);
            RandomWindows windows = random.Next(4) == 0 ? RandomWindows.Calendar(random) : RandomWindows.Sliding(random);
            ViewDefinition view = Define(windows).Views[0];
            PartialSelection selection = random.Next(2) == 0 ? PartialSelection.Accepted : PartialSelection.AcceptedAndLate;
            (PartialBatch speed, PartialBatch batch) = Sides(windows, random, seed);
            PartialBatch changed = random.Next(3) == 0 ? TakenByAll(speed) : Without(batch, random.Next(3), random);

            Dictionary<WindowAddress, WindowRow> one = Compose(view, speed, selection);
            Dictionary<WindowAddress, WindowRow> other = Compose(view, changed, selection);
            HashSet<WindowAddress> different = [.. one.Keys.Union(other.Keys).Where(address => Differ(one.GetValueOrDefault(address), other.GetValueOrDefault(address)))];

            long middle = one.Count == 0 ? 0 : one.Keys.ElementAt(random.Next(one.Count)).Start;
            foreach (TimeWindow starts in (TimeWindow[])[new(long.MinValue, middle), new(middle, long.MaxValue)])
            {
                SliceWindows found = Find(view, starts, speed, changed, selection);
                Assert.All(
                    different.Where(window => window.Start >= starts.Start && window.Start < starts.End),
                    window => Assert.True(found.Contains(window), $"seed {seed}: {windows.Declared}, {window} differs"));
                Assert.All(
                    different.Where(window => window.Start < starts.Start || window.Start >= starts.End),
                    window => Assert.False(found.Contains(window), $"seed {seed}: {windows.Declared}, {window} begins outside"));
            }
        }
    }

    [Fact]
    public void Nothing_is_found_where_both_sides_have_the_same()
    {
        for (int round = 0; round < Rounds; round++)
        {
            int seed = Random.Shared.Next();
            Random random = new(seed);
            RandomWindows windows = random.Next(4) == 0 ? RandomWindows.AllTime(random) : RandomWindows.Sliding(random);
            ViewDefinition view = Define(windows).Views[0];
            (PartialBatch speed, PartialBatch batch) = Sides(windows, random, seed);

            SliceWindows found = Find(view, TimeWindow.All, speed, batch, PartialSelection.AcceptedAndLate);

            Assert.True(found.Count == 0, $"seed {seed}: {windows.Declared}, {found.Count} windows");
            Assert.Equal(0, found.Among(batch).Count);
        }
    }

    [Fact]
    public void Partials_of_windows_that_are_found_are_all_given()
    {
        for (int round = 0; round < Rounds; round++)
        {
            int seed = Random.Shared.Next();
            Random random = new(seed);
            RandomWindows windows = RandomWindows.Sliding(random);
            ViewDefinition view = Define(windows).Views[0];
            (PartialBatch speed, PartialBatch batch) = Sides(windows, random, seed);
            PartialBatch changed = Without(batch, 1, random);

            SliceWindows found = Find(view, TimeWindow.All, speed, changed, PartialSelection.AcceptedAndLate);

            Dictionary<WindowAddress, WindowRow> whole = Compose(view, speed, PartialSelection.AcceptedAndLate);
            Dictionary<WindowAddress, WindowRow> among = Compose(view, found.Among(speed), PartialSelection.AcceptedAndLate);
            Assert.All(
                whole.Where(window => found.Contains(window.Key)),
                window => Assert.False(Differ(window.Value, among.GetValueOrDefault(window.Key)), $"seed {seed}: {windows.Declared}, {window.Key}"));
        }
    }

    private static StreamDefinition Define(RandomWindows windows) => TwoLayers.Define(windows.Declared, TimeSpan.Zero);

    private static (PartialBatch Speed, PartialBatch Batch) Sides(RandomWindows windows, Random random, int seed) =>
        TwoLayers.Compute(Define(windows), windows.Era, random, seed);

    private static SliceWindows Find(ViewDefinition view, TimeWindow starts, PartialBatch one, PartialBatch other, PartialSelection selection)
    {
        SliceWindows found = new(view, ((SlicedWindows)view.Window).Slicing, starts);
        SliceComparison comparison = new(view, found);
        comparison.AddToOne(one, selection);
        comparison.AddToOther(other, selection);
        comparison.FindDifferent();
        return found;
    }
}

using Lambda.Definition;
using Lambda.Expressions;
using Lambda.Tests.Kernel.Streams;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Windows;
using Xunit;
using static Lambda.Tests.Kernel.Definition.Evaluation;

namespace Lambda.Tests.Kernel.Definition;

/// <summary>Aggregates of a view over the same values keep one state where one of them tells what the others come to.</summary>
public sealed class SharedStatesTests
{
    private static readonly WindowSpec Sliding20 = Sliding.Every(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(20));

    [Fact]
    public void A_view_keeps_the_state_that_tells_most() => Assert.Equal(
        ["deviation_count", "deviation_sum", "deviation_squares", "ratios_sum", "ratios_count", "tail", "counts_sum", "counts_count", "most"],
        States(view => view.Aggregate(a => new
        {
            Events = a.Count(),
            Total = a.Sum(e => e.Amount),
            Deviation = a.StdDev(e => e.Amount),
            Mean = a.Average(e => e.Amount),
            Variance = a.Variance(e => e.Amount),
            Ratios = a.Average(e => e.Ratio),
            Tail = a.Quantile(e => e.Ratio, 0.99),
            Usual = a.Median(e => e.Ratio),
            RatioTotal = a.Sum(e => e.Ratio),
            Counts = a.Average(e => e.MaybeCount),
            Known = a.Count(e => e.MaybeCount),
            CountTotal = a.Sum(e => e.MaybeCount),
            Most = a.Max(e => e.Amount),
        })));

    [Fact]
    public void Rows_are_not_told_by_values_that_may_be_null() => Assert.Equal(
        ["events", "mean_sum", "mean_count"], States(view => view.Aggregate(a => new { Events = a.Count(), Mean = a.Average(e => e.MaybeAmount) })));

    [Fact]
    public void Other_values_are_other_states() => Assert.Equal(
        ["total", "mean_sum", "mean_count"], States(view => view.Aggregate(a => new { Total = a.Sum(e => e.Amount + 1), Mean = a.Average(e => e.Amount) })));

    /// <summary>The text of an expression does not say what an object that it holds is.</summary>
    [Fact]
    public void Values_by_an_object_are_never_taken_for_the_same()
    {
        Offset one = new(1);
        Offset two = new(2);
        Assert.Equal(
            ["total", "mean_sum", "mean_count"],
            States(view => view.Aggregate(a => new { Total = a.Sum(e => one.Of(e.Amount)), Mean = a.Average(e => two.Of(e.Amount)) })));
    }

    [Fact]
    public void A_users_aggregator_has_a_state_of_its_own() => Assert.Equal(
        2, States(view => view.Aggregate(a => new { A = a.Custom(new LastByOrdinal(), e => e.Site!), B = a.Custom(new LastByOrdinal(), e => e.Site!) })).Count);

    /// <summary>A view with a shared state has other columns, so it is another version than it was before states were shared.</summary>
    [Fact]
    public void A_shared_state_is_part_of_the_hash_which_stays_from_build_to_build() => Assert.Equal(
        "a7e46a1226e46bf2",
        Layout(view => view.Aggregate(a => new { Total = a.Sum(e => e.Amount), Mean = a.Average(e => e.Amount) })).Version);

    [Fact]
    public void Shared_and_own_states_give_the_same_results()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        Random random = new(seed);
        for (int run = 0; run < 20; run++)
        {
            Reading[] events = [.. Enumerable.Range(0, random.Next(1, 60)).Select(i => Next(random, i))];
            foreach (WindowSpec window in (WindowSpec[])[Hours, Sliding20, Session.WithGap(TimeSpan.FromMinutes(3))])
            {
                Check(events, window, run);
            }
        }
    }

    private static void Check(Reading[] events, WindowSpec window, int run)
    {
        IReadOnlyList<WindowRow> together = Rows(
            Define(view => Grouped(view, window).Aggregate(a => new
            {
                Events = a.Count(),
                Total = a.Sum(e => e.Count),
                Mean = a.Average(e => e.Count),
                MaybeTotal = a.Sum(e => e.MaybeAmount),
                MaybeKnown = a.Count(e => e.MaybeAmount),
                MaybeSpread = a.PopulationVariance(e => e.MaybeAmount),
                MaybeMean = a.Average(e => e.MaybeAmount),
                RatioSpread = a.StdDev(e => e.MaybeRatio),
                RatioTotal = a.Sum(e => e.MaybeRatio),
                RatioMean = a.Average(e => e.MaybeRatio),
                Usual = a.Median(e => e.MaybeRatio),
                Tail = a.Quantile(e => e.MaybeRatio, 0.9),
                PriceTotal = a.Sum(e => e.Price),
                PriceMean = a.Average(e => e.Price),
            })),
            events,
            out _);
        IReadOnlyList<WindowRow>[] apart =
        [
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.Count() })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.Sum(e => e.Count) })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.Average(e => e.Count) })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.Sum(e => e.MaybeAmount) })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.Count(e => e.MaybeAmount) })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.PopulationVariance(e => e.MaybeAmount) })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.Average(e => e.MaybeAmount) })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.StdDev(e => e.MaybeRatio) })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.Sum(e => e.MaybeRatio) })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.Average(e => e.MaybeRatio) })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.Median(e => e.MaybeRatio) })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.Quantile(e => e.MaybeRatio, 0.9) })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.Sum(e => e.Price) })),
            Alone(view => Grouped(view, window).Aggregate(a => new { R = a.Average(e => e.Price) })),
        ];
        Assert.NotEmpty(together);
        for (int row = 0; row < together.Count; row++)
        {
            object?[] expected = [.. apart.Select(rows => Assert.Single(rows[row].Results))];
            Assert.True(
                expected.SequenceEqual(together[row].Results),
                $"run {run}, {window}: [{string.Join(", ", expected)}] apart, [{string.Join(", ", together[row].Results)}] together");
        }

        IReadOnlyList<WindowRow> Alone(Action<ViewBuilder<Reading>> declare) => Rows(Define(declare), events, out IReadOnlyList<FailedRow> _);
    }

    private static GroupedViewBuilder<Reading, bool> Grouped(ViewBuilder<Reading> view, WindowSpec window)
    {
        GroupedViewBuilder<Reading, bool> grouped = view.GroupBy(e => e.Flag);
        grouped.Window(window);
        return grouped;
    }

    private static Reading Next(Random random, int number) => new($"{number}", DateTimeOffset.UnixEpoch.AddSeconds(random.Next(3 * 3600)))
    {
        Flag = random.Next(2) == 0,
        Count = random.Next(-5, 5),
        MaybeAmount = random.Next(3) == 0 ? null : random.NextInt64(long.MinValue, long.MaxValue),
        MaybeRatio = random.Next(3) == 0 ? null : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-20, 20)),
        Price = random.Next(-1000, 1000) / 100m,
    };

    private static IReadOnlyList<string> States(Action<ViewBuilder<Reading>> aggregate) => [.. Layout(aggregate).States.Select(state => state.Name)];

    private static PartialLayout Layout(Action<ViewBuilder<Reading>> aggregate) => Define(view => aggregate(view.Window(Hours))).Views[0].Layout;

    private sealed class Offset(long by)
    {
        public long Of(long amount) => amount + by;
    }
}

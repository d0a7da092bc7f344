using Lambda.Tests.Kernel.Streams;
using Lambda.Views;
using Lambda.Views.Composing;
using Xunit;
using static Lambda.Tests.Kernel.Definition.Evaluation;

namespace Lambda.Tests.Kernel.Definition;

public sealed class ExpressionFeatureTests
{
    private static readonly DateTimeOffset Noon = new(2024, 2, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Codes = ["aa", "cc"];

    private static readonly Reading[] Events =
    [
        new("1", Noon) { Site = "aa", Unit = "kg", Count = 1, MaybeCount = 2, Amount = 10, Ratio = 0.5, Price = 1.5m, Flag = true },
        new("2", Noon.AddMinutes(1)) { Site = "bb", Unit = "KG", Count = 2, Amount = 20, Ratio = 1.5, MaybeFlag = false, Seen = new DateTime(2024, 3, 1) },
        new("3", Noon.AddMinutes(2)) { Site = null, Unit = " m", Count = 3, MaybeCount = 4, Amount = 30, Ratio = -2, Price = -1m, MaybeFlag = true },
    ];

    private readonly int _weight = 3;

    [Fact]
    public void Conditionals_arithmetic_and_conversions_give_what_CSharp_gives()
    {
        Assert.Equal([(Int128)4], Results(Events, a => new { V = a.Sum(e => e.Flag ? e.Count : e.MaybeCount ?? -1) }));
        Assert.Equal([(Int128)6, 2L], Results(Events, a => new { V = a.Sum(e => e.MaybeCount * 1), N = a.Count(e => e.MaybeCount + e.Count) }));
        Assert.Equal([3L], Results(Events, a => new { V = a.Max(e => (long)(e.Ratio * 2)) }));
        Assert.Equal([0.5, -20.0], Results(Events, a => new { H = a.Sum(e => e.Price > 0 ? e.Ratio : (double?)null), L = a.Min(e => e.Ratio * 10) }));
        Assert.Equal([(Int128)unchecked(int.MaxValue + 1)], Results([Events[0] with { Count = int.MaxValue }], a => new { V = a.Sum(e => e.Count + 1) }));
        Assert.Equal([2], Results(Events, a => new { V = a.Max(e => (short)e.Count & 2) }));
        Assert.Equal(1, Matches(Events, e => e.MaybeFlag == true));
        Assert.Equal(2, Matches(Events, e => e.MaybeCount > 1 && !(e.MaybeFlag ?? false) || e.Price < 0));
    }

    [Fact]
    public void Strings_and_their_methods_can_be_filtered_and_grouped_by()
    {
        Assert.Equal(2, Matches(Events, e => e.Unit.Trim().StartsWith("k", StringComparison.OrdinalIgnoreCase)));
        Assert.Equal(1, Matches(Events, e => e.Site == null));
        Assert.Equal(1, Matches(Events, e => string.IsNullOrEmpty(e.Site)));
        Assert.Equal([[" m|none"], ["KG|bb"], ["kg|aa"]], Keys(Events, e => e.Unit + "|" + (e.Site ?? "none")));
        Assert.Equal([[null], ["a"], ["b"]], Keys(Events, e => e.Site == null ? null : e.Site.Substring(1)));
        Assert.Equal([[null], [2]], Keys(Events, e => e.Site == null ? (int?)null : e.Site.Length));
    }

    [Fact]
    public void Collections_that_were_captured_can_be_searched()
    {
        HashSet<string> set = ["bb"];
        List<int> counts = [1, 3];

        Assert.Equal(1, Matches(Events, e => Codes.Contains(e.Site)));
        Assert.Equal(1, Matches(Events, e => set.Contains(e.Site!)));
        Assert.Equal(2, Matches(Events, e => counts.Any(count => count == e.Count)));
    }

    [Fact]
    public void Instants_can_be_taken_apart_compared_and_grouped_by()
    {
        Assert.Equal(1, Matches(Events, e => e.Time.Minute == 1 && e.Time.Offset == TimeSpan.Zero));
        Assert.Equal(1, Matches(Events, e => e.Seen < new DateTime(2024, 3, 1, 0, 0, 1) && e.Seen!.Value.Kind == DateTimeKind.Utc));
        Assert.Equal([["2024-02-29"]], Keys(Events, e => e.Time.UtcDateTime.Date.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal([[null], [1709251200000000L]], Keys(Events, e => e.Seen));
        Assert.Equal([[1709164800000000L]], Keys(Events, e => e.Time.UtcDateTime.Date));
    }

    [Fact]
    public void Functions_of_the_user_run_in_every_form()
    {
        int captured = 5;
        Func<int, int> given = value => value * captured;

        Assert.Equal([(Int128)60], Results(Events, a => new { V = a.Sum(e => Twice(e.Count) * captured) }));
        Assert.Equal([(Int128)18], Results(Events, a => new { V = a.Sum(e => Weighted(e.Count)) }));
        Assert.Equal([(Int128)30], Results(Events, a => new { V = a.Sum(e => given(e.Count)) }));
        Assert.Equal([30L], Results(Events, a => new { V = a.Max(e => Whole(e)) }));
        Assert.Equal([90L], Results(Events, a => new { V = a.Max(e => e.Product) }));
        Assert.Equal(2, Matches(Events, e => e.MaybeCount.HasValue));
        Assert.Equal(1, Matches(Events, e => e.Equals(Events[1])));
    }

    [Fact]
    public void Nullable_captured_values_are_folded_like_others()
    {
        int? limit = 1;
        int? none = null;

        Assert.Equal(2, Matches(Events, e => e.Count > limit));
        Assert.Equal(2, Matches(Events, e => e.Count > limit.Value));
        Assert.Equal(3, Matches(Events, e => limit.HasValue));
        Assert.Equal(0, Matches(Events, e => none.HasValue));
        Assert.Equal(2, Matches(Events, e => e.Count > limit.GetValueOrDefault()));
    }

    /// <summary>Aggregates over equal expressions share one evaluation; those that only look alike must not.</summary>
    [Fact]
    public void Selectors_that_differ_in_a_captured_value_only_are_told_apart()
    {
        bool yes = true, no = false;
        TimeOnly early = new(12, 0, 30), late = new(12, 0, 59);
        Func<int, int> plus = value => value + 1, minus = value => value - 1;
        int[] numbers = [5, 3];

        Assert.Equal([(Int128)1, (Int128)2], Results(Events, a => new { T = a.Sum(e => e.Flag == yes ? 1 : 0), F = a.Sum(e => e.Flag == no ? 1 : 0) }));
        Assert.Equal([(Int128)9, (Int128)3], Results(Events, a => new { P = a.Sum(e => plus(e.Count)), M = a.Sum(e => minus(e.Count)) }));
        Assert.Equal([2, -2], Results(Events, a => new
        {
            P = a.Max(e => numbers.Aggregate((x, y) => x - y) + (e.Count * 0)),
            M = a.Max(e => numbers.Aggregate((x, y) => y - x) + (e.Count * 0)),
        }));
        Assert.Equal([30, 59], Results(Events, a => new { E = a.Max(e => early.Second + (e.Count * 0)), L = a.Max(e => late.Second + (e.Count * 0)) }));
        Assert.Equal([(Int128)18, (Int128)24], Results(Events, a => new
        {
            Three = a.Sum(e => new Scale(3).Apply(e.Count)),
            Four = a.Sum(e => new Scale(4).Apply(e.Count)),
        }));
        Scale three = new(3), four = new(4);
        Assert.Equal([(Int128)18, (Int128)24], Results(Events, a => new { Three = a.Sum(e => three.Apply(e.Count)), Four = a.Sum(e => four.Apply(e.Count)) }));
    }

    [Fact]
    public void A_class_with_setters_is_made_whole_for_a_function()
    {
        StreamDefinition stream = Define<Ticket>(
            builder => builder.EventTime(e => e.At),
            view => view.GroupBy(e => Describe(e)).Window(Hours).Aggregate(a => new { N = a.Count() }));

        WindowRow row = Assert.Single(Rows(stream, [new Ticket { At = new DateTime(2024, 1, 1), Zone = 7, Holder = "x" }], out _));
        Assert.Equal(["7 x 2024"], row.Key.Parts);
    }

    [Fact]
    public void A_struct_is_made_whole_for_a_function()
    {
        StreamDefinition stream = Define<Point>(
            builder => builder.EventTime(e => e.At),
            view => view.Window(Hours).Aggregate(a => new { Far = a.Max(e => Distance(e)) }));

        Assert.Equal([7], Assert.Single(Rows(stream, [new Point(DateTime.UnixEpoch, 3, 4)], out _)).Results);
    }

    private static int Twice(int value) => value * 2;

    private static long Whole(Reading reading) => reading.Id == "" ? -1 : reading.Amount;

    private static string Describe(Ticket ticket) => $"{ticket.Zone} {ticket.Holder} {ticket.At.Year}";

    private static int Distance(Point point) => point.X + point.Y;

    private int Weighted(int value) => value * _weight;

    private sealed record Scale(int Factor)
    {
        public int Apply(int value) => value * Factor;
    }

    private sealed class Ticket
    {
        public DateTime At { get; set; }

        public int Zone { get; set; }

        public string? Holder { get; set; }
    }

    private readonly record struct Point(DateTime At, int X, int Y);
}

using System.Collections.Immutable;
using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using Lambda.Definition;
using Lambda.Expressions;
using Lambda.Tests.Kernel.Streams;
using Lambda.Windows;
using Xunit;
using static Lambda.Tests.Kernel.Definition.Evaluation;

namespace Lambda.Tests.Kernel.Definition;

public sealed class DefinitionHashTests
{
    private static string Base(
        string text = "x", bool flag = true, double number = 0.1, TimeOnly time = default, int lateness = 5, Action<StreamBuilder<Reading>>? stream = null) =>
        Define(
            view => view.Where(e => e.Site == text && e.Flag == flag && e.Ratio > number && new TimeOnly(e.Time.Ticks % 9) >= time)
                .GroupBy(e => new { e.Site, e.Unit })
                .Window(Tumbling.Every(TimeSpan.FromHours(2), TimeSpan.FromMinutes(1)))
                .AllowedLateness(TimeSpan.FromMinutes(lateness))
                .Aggregate(a => new { N = a.Count(), Total = a.Sum(e => e.Amount) }),
            stream).Views[0].Layout.Version;

    [Fact]
    public void The_same_definition_has_the_same_hash_in_every_culture()
    {
        string hash = Base();
        string below = Base(number: -0.5);
        Assert.Matches("^[0-9a-f]{16}$", hash);
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            comma.NumberFormat.NegativeSign = "~";
            comma.DateTimeFormat.LongTimePattern = "ss";
            CultureInfo.CurrentCulture = comma;
            Assert.Equal(hash, Base());
            Assert.Equal(below, Base(number: -0.5));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>A hash that changes with a new build of the platform would make every view start anew: change it only on purpose.</summary>
    [Fact]
    public void The_hash_stays_from_build_to_build() => Assert.Equal("af808c1e4ca88f2a", Base());

    [Fact]
    public void Everything_that_makes_other_partials_makes_another_hash()
    {
        string[] hashes =
        [
            Base(),
            Base(text: "y"),
            Base(text: "x\""),
            Base(flag: false),
            Base(number: -0.0),
            Base(number: 0.0),
            Base(number: double.NaN),
            Base(time: new TimeOnly(0, 0, 1)),
            Base(lateness: 6),
            Base(stream: s => s.OutOfOrderness(TimeSpan.FromSeconds(1))),
            Of(v => v.Aggregate(a => new { N = a.Count() })),
            Of(v => v.Aggregate(a => new { M = a.Count() })),
            Of(v => v.Aggregate(a => new { N = a.Count(e => e.Site) })),
            Of(v => v.Aggregate(a => new { N = a.Count(e => e.Unit) })),
            Of(v => v.Aggregate(a => new { N = a.Sum(e => e.Count) })),
            Of(v => v.Aggregate(a => new { N = a.Average(e => e.Count) })),
            Of(v => v.Aggregate(a => new { N = a.Min(e => e.Count) })),
            Of(v => v.Aggregate(a => new { N = a.Max(e => e.Count) })),
            Of(v => v.Aggregate(a => new { N = a.Max(e => e.MaybeCount) })),
            Of(v => v.Aggregate(a => new { N = a.Sum(e => e.Count + 1) })),
            Of(v => v.Aggregate(a => new { N = a.Sum(e => e.Count - 1) })),
            Of(v => v.Aggregate(a => new { N = a.Sum(e => unchecked((int)e.Amount)) })),
            Of(v => v.Aggregate(a => new { N = a.Sum(e => checked((int)e.Amount)) })),
            Of(v => v.Aggregate(a => new { N = a.Count(), M = a.Count() })),
            Of(v => v.Aggregate(a => new { M = a.Count(), N = a.Count() })),
            Of(v => v.Aggregate(a => new { N = a.Custom(new DistinctRemainders(), e => e.Amount) })),
            Of(v => v.Aggregate(a => new { N = a.Count() }).Where(e => e.Flag)),
            Of(v => v.Aggregate(a => new { N = a.Count() }).Where(e => !e.Flag)),
            Of(v => v.Aggregate(a => new { N = a.Count() }).Where(e => e.Flag).Where(e => e.Count > 0)),
            Of(v => v.Aggregate(a => new { N = a.Count() }).GroupBy(e => e.Site)),
            Of(v => v.Aggregate(a => new { N = a.Count() }).GroupBy(e => e.Unit)),
            Of(v => v.Aggregate(a => new { N = a.Count() }).GroupBy(e => new { A = e.Site, B = e.Unit })),
            Of(v => v.Aggregate(a => new { N = a.Count() }).GroupBy(e => new { B = e.Unit, A = e.Site })),
            Translated(new() { ["a"] = 1 }),
            Translated(new() { ["a"] = 2 }),
            Translated(new() { ["b"] = 1 }),
            Paired((1, "a")),
            Paired((1, "b")),
            Of(v => v.Aggregate(a => new { N = a.Count() }).Window(Tumbling.Every(TimeSpan.FromHours(2)))),
            Of(v => v.Aggregate(a => new { N = a.Count() }).Window(Tumbling.Every(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1)))),
        ];

        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void Another_event_time_makes_another_hash()
    {
        string Hash(Action<StreamBuilder<Span>> time) =>
            Define(time, view => view.Window(Hours).Aggregate(a => new { N = a.Count() })).Views[0].Layout.Version;

        Assert.NotEqual(Hash(s => s.EventTime(e => e.Begin)), Hash(s => s.EventTime(e => e.End)));
    }

    [Fact]
    public void What_makes_no_other_partials_leaves_the_hash_alone() =>
        Assert.Equal(Base(), Base(stream: s => s.IdleAfter(TimeSpan.FromHours(1)).Partitions(9)));

    /// <summary>Offsets that differ by whole sizes cut alike.</summary>
    [Fact]
    public void An_offset_counts_within_the_size() => Assert.Equal(
        Tumbling.Every(TimeSpan.FromHours(1), TimeSpan.FromMinutes(61)).Signature, Tumbling.Every(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1)).Signature);

    /// <summary>Immutable sets of strings are in the order of their hashes, so that a view was another one after every start.</summary>
    [Fact]
    public void Sets_and_dictionaries_count_by_what_they_hold_in_whatever_order()
    {
        Assert.Equal(Among(new HashSet<string> { "a", "b" }), Among(new HashSet<string> { "b", "a" }));
        Assert.Equal(Among(ImmutableHashSet.Create(new Hashes(1), "a", "b", "c")), Among(ImmutableHashSet.Create(new Hashes(-1), "a", "b", "c")));
        Assert.NotEqual(Among(new HashSet<string> { "a", "b" }), Among(new HashSet<string> { "a", "c" }));
        Assert.NotEqual(Among(new HashSet<string> { "a,", "b" }), Among(new HashSet<string> { "a", ",b" }));
        Assert.Equal(Translated(new() { ["a"] = 1, ["b"] = 2 }), Translated(new() { ["b"] = 2, ["a"] = 1 }));
        Assert.NotEqual(Translated(new() { ["a"] = 1, ["b"] = 2 }), Translated(new() { ["a"] = 2, ["b"] = 1 }));
    }

    /// <summary>Stored sums of numbers went on with other numbers.</summary>
    [Fact]
    public void What_makes_numbers_of_an_enumeration_counts_with_its_members()
    {
        Assert.NotEqual(ExpressionText.Of(NumberOf(("Low", 1), ("High", 2))), ExpressionText.Of(NumberOf(("Low", 2), ("High", 1))));
        Assert.Equal(ExpressionText.Of(NumberOf(("Low", 1), ("High", 2))), ExpressionText.Of(NumberOf(("High", 2), ("Low", 1))));
        Assert.All(
            (LambdaExpression[])
            [
                (Expression<Func<Alarm, int>>)(e => (int)e.Level),
                (Expression<Func<Alarm, double?>>)(e => (double?)e.Maybe),
                (Expression<Func<Alarm, int>>)(e => (int)e.Small * 2),
                (Expression<Func<Alarm, bool>>)(e => (int)e.Level % 2 == 0),
                (Expression<Func<Alarm, bool>>)(e => (long)e.Level > 1),
            ],
            selector => Assert.Contains("High=2 ", ExpressionText.Of(selector), StringComparison.Ordinal));
    }

    /// <summary>C# makes numbers of what it compares, and a hash that changes would make these views start anew.</summary>
    [Fact]
    public void What_only_compares_members_of_an_enumeration_counts_without_the_others() => Assert.All(
        (LambdaExpression[])
        [
            (Expression<Func<Alarm, bool>>)(e => e.Level == Level.High),
            (Expression<Func<Alarm, bool>>)(e => e.Level != Level.High && e.Level >= Level.Low),
            (Expression<Func<Alarm, bool>>)(e => e.Small == Small.High || e.Small < Small.High),
            (Expression<Func<Alarm, bool>>)(e => e.Maybe == Level.High || e.Maybe == null),
            (Expression<Func<Alarm, Level>>)(e => e.Maybe ?? Level.Low),
            (Expression<Func<Alarm, Level?>>)(e => e.Level),
            (Expression<Func<Alarm, object>>)(e => e.Level),
            (Expression<Func<Alarm, bool>>)(e => e.Level.Equals(Level.High)),
        ],
        selector => Assert.DoesNotContain("=2 ", ExpressionText.Of(selector), StringComparison.Ordinal));

    /// <summary>The number of a member of an enumeration that is always called the same.</summary>
    private static LambdaExpression NumberOf(params (string Name, int Value)[] members)
    {
        EnumBuilder builder = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("levels"), AssemblyBuilderAccess.Run)
            .DefineDynamicModule("levels").DefineEnum("Level", TypeAttributes.Public, typeof(int));
        foreach ((string name, int value) in members)
        {
            builder.DefineLiteral(name, value);
        }

        ParameterExpression level = Expression.Parameter(builder.CreateType(), "level");
        return Expression.Lambda(Expression.Convert(level, typeof(int)), level);
    }

    private static string Among(HashSet<string> units) => Of(v => v.Aggregate(a => new { N = a.Count() }).Where(e => units.Contains(e.Unit)));

    private static string Among(ImmutableHashSet<string> units) => Of(v => v.Aggregate(a => new { N = a.Count() }).Where(e => units.Contains(e.Unit)));

    private static string Translated(Dictionary<string, int> table) =>
        Of(v => v.Aggregate(a => new { N = a.Count() }).Where(e => table[e.Unit] > 0));

    private static string Paired((int Count, string Unit) pair) =>
        Of(v => v.Aggregate(a => new { N = a.Count() }).Where(e => pair.Equals(new ValueTuple<int, string>(e.Count, e.Unit))));

    private static string Of(Action<ViewBuilder<Reading>> declare) =>
        Define(view => declare(view.Window(Hours))).Views[0].Layout.Version;

    private enum Level
    {
        Low = 1,
        High = 2,
    }

    private enum Small : byte
    {
        Low = 1,
        High = 2,
    }

    private sealed record Alarm(Level Level, Level? Maybe, Small Small);

    private sealed record Span(DateTime Begin, DateTime End);

    /// <summary>Compares texts by ordinal; their hashes follow their first letter, up or down.</summary>
    private sealed class Hashes(int direction) : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => x == y;

        public int GetHashCode(string obj) => obj[0] * direction;
    }
}

using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq.Expressions;
using Lambda.Definition;
using Lambda.Expressions;
using Lambda.Tests.Kernel.Streams;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Windows;
using Xunit;
using static Lambda.Tests.Kernel.Definition.Evaluation;

namespace Lambda.Tests.Kernel.Definition;

/// <summary>What several views of a stream compute of an event is computed once.</summary>
public sealed class SharedEvaluationTests
{
    private static readonly Reading[] Events =
        [.. Enumerable.Range(1, 3).Select(i => new Reading($"{i}", DateTimeOffset.UnixEpoch.AddMinutes(20 * i)) { Amount = i })];

    [ThreadStatic]
    private static int _filters;

    [ThreadStatic]
    private static int _keys;

    [ThreadStatic]
    private static int _values;

    [Fact]
    public void Views_with_the_same_filter_evaluate_filter_keys_and_values_once()
    {
        _filters = _keys = _values = 0;
        StreamDefinition stream = Stream(
            view => view.Where(e => IsPositive(e.Amount)).GroupBy(e => IsEven(e.Amount)).Window(Hours)
                .Aggregate(a => new { Total = a.Sum(e => Doubled(e.Amount)), Most = a.Max(e => Doubled(e.Amount)) }),
            view => view.Where(e => IsPositive(e.Amount)).GroupBy(e => IsEven(e.Amount)).Window(Tumbling.Every(TimeSpan.FromMinutes(10)))
                .Aggregate(a => new { Mean = a.Average(e => Doubled(e.Amount)) }));

        IReadOnlyList<WindowRow> rows = Rows(stream, Events, out IReadOnlyList<FailedRow> failures);

        Assert.Empty(failures);
        Assert.Equal(2 * Events.Length, rows.Sum(row => row.EventCount));
        Assert.Equal((Events.Length, Events.Length, Events.Length), (_filters, _keys, _values));
    }

    [Fact]
    public void Views_with_other_filters_count_their_own_events()
    {
        WindowSpec day = Tumbling.Every(TimeSpan.FromDays(1));
        StreamDefinition stream = Stream(
            view => view.Where(e => e.Amount > 1).Window(day).Aggregate(a => new { Total = a.Sum(e => e.Amount) }),
            view => view.Where(e => e.Amount > 2).Window(day).Aggregate(a => new { Total = a.Sum(e => e.Amount) }),
            view => view.Window(day).Aggregate(a => new { Total = a.Sum(e => e.Amount) }),
            view => view.Where(e => e.Amount > 1).Window(Sliding.Every(TimeSpan.FromMinutes(60), size: TimeSpan.FromMinutes(50)))
                .Aggregate(a => new { Total = a.Sum(e => e.Amount) }));

        // The events lie at 0:20, 0:40 and 1:00; the last view has a gap from 0:50 to 1:00.
        Assert.Equal([2L, 1L, 3L, 1L, 1L], Rows(stream, Events, out _).Select(row => row.EventCount));
        Assert.Equal([5, 3, 6, 2, 3], Rows(stream, Events, out _).Select(row => (int)(Int128)row.Results[0]!));
    }

    [Fact]
    public void Filters_that_capture_objects_are_never_taken_for_the_same()
    {
        StreamDefinition stream = Stream(
            view => view.Where(new Limit(1).Passes()).Window(Hours).Aggregate(a => new { N = a.Count() }),
            view => view.Where(new Limit(2).Passes()).Window(Hours).Aggregate(a => new { N = a.Count() }));

        Assert.Equal([1L, 1L, 1L], Rows(stream, Events, out _).Select(row => row.EventCount));
    }

    /// <summary>Each pair reads alike in the text of the expression: the second view was given what the first had found.</summary>
    [Fact]
    public void Filters_that_capture_what_is_told_by_half_are_never_taken_for_the_same()
    {
        HashSet<string> exact = ["id-1"];
        HashSet<string> loose = new(exact, StringComparer.OrdinalIgnoreCase);
        Dictionary<string, int> exactly = new() { ["id-1"] = 1 };
        Dictionary<string, int> loosely = new(exactly, StringComparer.OrdinalIgnoreCase);
        ILookup<string, int> first = new[] { 1 }.ToLookup(_ => "ID-1");
        ILookup<string, int> none = new[] { 1 }.ToLookup(_ => "ID-9");
        Odd odd = new(1);
        Odd even = new(0);
        TimeZoneInfo west = TimeZoneInfo.CreateCustomTimeZone("Here", TimeSpan.FromHours(-1), null, null);
        TimeZoneInfo east = TimeZoneInfo.CreateCustomTimeZone("Here", TimeSpan.FromHours(1), null, null);
        Reading[] events = [.. Events.Select(reading => reading with { Id = $"ID-{reading.Id}" })];

        Assert.Equal([0, 1], Counts(e => exact.Contains(e.Id), e => loose.Contains(e.Id)));
        Assert.Equal([0, 1], Counts(e => exactly.ContainsKey(e.Id), e => loosely.ContainsKey(e.Id)));
        Assert.Equal([1, 0], Counts(e => first.Contains(e.Id), e => none.Contains(e.Id)));
        Assert.Equal([2, 1], Counts(e => odd.IsLike(e.Amount), e => even.IsLike(e.Amount)));
        Assert.Equal([2, 0], Counts(e => TimeZoneInfo.ConvertTime(e.Time, west).Year == 1969, e => TimeZoneInfo.ConvertTime(e.Time, east).Year == 1969));

        long[] Counts(Expression<Func<Reading, bool>> one, Expression<Func<Reading, bool>> other)
        {
            (TimeSpan week, TimeSpan longer) = (TimeSpan.FromDays(7), TimeSpan.FromDays(8));
            StreamDefinition stream = Stream(
                view => view.Where(one).Window(Tumbling.Every(week)).Aggregate(a => new { N = a.Count() }),
                view => view.Where(other).Window(Tumbling.Every(longer)).Aggregate(a => new { N = a.Count() }));
            ILookup<TimeSpan, long> counts = Rows(stream, events, out _)
                .ToLookup(row => TimeSpan.FromMicroseconds(row.End - row.Start), row => row.EventCount);
            return [counts[week].Sum(), counts[longer].Sum()];
        }
    }

    /// <summary>Of each pair the second one tells all about itself, and the first, which reads like it, does not.</summary>
    [Fact]
    public void Keys_and_values_that_capture_what_is_told_by_half_are_never_taken_for_the_same()
    {
        HashSet<string> exact = ["id-1"];
        HashSet<string> loose = new(exact, StringComparer.OrdinalIgnoreCase);
        Reading[] events = [.. Events.Select(reading => reading with { Id = $"ID-{reading.Id}" })];
        WindowSpec day = Tumbling.Every(TimeSpan.FromDays(1));
        StreamDefinition stream = Stream(
            view => view.GroupBy(e => loose.Contains(e.Id)).Window(day).Aggregate(a => new { N = a.Count() }),
            view => view.GroupBy(e => exact.Contains(e.Id)).Window(day).Aggregate(a => new { N = a.Count() }),
            view => view.Window(day).Aggregate(a => new { Loose = a.CountIf(e => loose.Contains(e.Id)), Exact = a.CountIf(e => exact.Contains(e.Id)) }));

        IReadOnlyList<WindowRow> rows = Rows(stream, events, out _);

        Assert.Equal([2L, 1L, 3L, 3L], rows.Select(row => row.EventCount));
        Assert.Equal([1L, 0L], rows[^1].Results);
    }

    /// <summary>What a method is called with is named in front of its values; a type that is only given to it stands nowhere else.</summary>
    [Fact]
    public void Filters_that_call_a_method_of_other_types_are_never_taken_for_the_same()
    {
        StreamDefinition stream = Stream(
            view => view.Where(e => Enum.GetNames<Here.State>().Contains(e.Id)).Window(Hours).Aggregate(a => new { N = a.Count() }),
            view => view.Where(e => Enum.GetNames<There.State>().Contains(e.Id)).Window(Hours).Aggregate(a => new { N = a.Count() }));
        Reading[] events = [.. Events.Select(reading => reading with { Id = nameof(Here.State.Open) })];

        Assert.Equal(events.Length, Rows(stream, events, out _).Sum(row => row.EventCount));
        Assert.NotEqual(stream.Views[0].Layout.Version, stream.Views[1].Layout.Version);
    }

    [Fact]
    public void Filters_that_capture_the_same_values_are_the_same()
    {
        _filters = 0;
        StreamDefinition stream = Stream(
            view => view.Where(Listed()).Window(Hours).Aggregate(a => new { N = a.Count() }),
            view => view.Where(Listed()).Window(Hours).Aggregate(a => new { N = a.Count() }));

        Assert.Equal(2 * Events.Length, Rows(stream, Events, out _).Sum(row => row.EventCount));
        Assert.Equal(Events.Length, _filters);
    }

    private static Expression<Func<Reading, bool>> Listed()
    {
        string[] ids = ["1", "2", "3"];
        List<string> list = [.. ids];
        ImmutableArray<string> fixedList = [.. ids];
        HashSet<string> set = [.. ids];
        HashSet<string> ordinal = new(ids, StringComparer.Ordinal);
        SortedSet<long> sorted = [1, 2, 3];
        FrozenSet<string> frozen = ids.ToFrozenSet();
        ImmutableHashSet<string> immutable = [.. ids];
        Dictionary<string, int> map = ids.ToDictionary(id => id, _ => 1);
        FrozenDictionary<string, int> frozenMap = map.ToFrozenDictionary();
        ConcurrentDictionary<string, int> concurrent = new(map);
        (Guid, decimal, DayOfWeek, TimeSpan, Int128) values = (Guid.Empty, 1.5m, DayOfWeek.Monday, TimeSpan.Zero, 1);
        CultureInfo culture = CultureInfo.InvariantCulture;
        TimeZoneInfo zone = TimeZoneInfo.Utc;
        return e => IsPositive(e.Amount)
            && (list.Contains(e.Id) || fixedList.Contains(e.Id) || set.Contains(e.Id) || ordinal.Contains(e.Id) || sorted.Contains(e.Amount)
                || frozen.Contains(e.Id) || immutable.Contains(e.Id) || map.ContainsKey(e.Id) || frozenMap.ContainsKey(e.Id) || concurrent.ContainsKey(e.Id)
                || values.Equals(null) || e.Count.ToString(culture) == "" || zone.IsDaylightSavingTime(e.Time));
    }

    private static StreamDefinition Stream(params Action<ViewBuilder<Reading>>[] views)
    {
        StreamBuilder<Reading> builder = new StreamBuilder<Reading>("readings").EventTime(e => e.Time);
        for (int i = 0; i < views.Length; i++)
        {
            views[i](builder.View($"view_{i}"));
        }

        return Catalog.Build([builder]).Streams[0];
    }

    private static bool IsPositive(long amount)
    {
        _filters++;
        return amount > 0;
    }

    private static bool IsEven(long amount)
    {
        _keys++;
        return amount % 2 == 0;
    }

    private static long Doubled(long amount)
    {
        _values++;
        return amount * 2;
    }

    /// <summary>Values whose text is that of all others.</summary>
    private readonly record struct Odd(long Rest) : IFormattable
    {
        public bool IsLike(long amount) => amount % 2 == Rest;

        public string ToString(string? format, IFormatProvider? formatProvider) => nameof(Odd);
    }

    private static class Here
    {
        public enum State
        {
            Open,
        }
    }

    private static class There
    {
        public enum State
        {
            Shut,
        }
    }

    private sealed class Limit(long least)
    {
        public Expression<Func<Reading, bool>> Passes() => e => IsAbove(e.Amount);

        private bool IsAbove(long amount) => amount > least;
    }
}

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

    private sealed class Limit(long least)
    {
        public System.Linq.Expressions.Expression<Func<Reading, bool>> Passes() => e => IsAbove(e.Amount);

        private bool IsAbove(long amount) => amount > least;
    }
}

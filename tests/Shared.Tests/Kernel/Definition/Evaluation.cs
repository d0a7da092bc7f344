using System.Linq.Expressions;
using Lambda.Aggregation;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Tests.Kernel.Streams;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Operators;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Lambda.Windows;
using Xunit;

namespace Lambda.Tests.Kernel.Definition;

/// <summary>Defines views in a line and runs events through them.</summary>
internal static class Evaluation
{
    public static readonly WindowSpec Hours = Tumbling.Every(TimeSpan.FromHours(1));

    /// <summary>A stream of readings with one view.</summary>
    public static StreamDefinition Define(Action<ViewBuilder<Reading>> declare, Action<StreamBuilder<Reading>>? stream = null) =>
        Define<Reading>(builder => builder.EventTime(e => e.Time), declare, stream);

    public static StreamDefinition Define<TEvent>(
        Action<StreamBuilder<TEvent>> time, Action<ViewBuilder<TEvent>> declare, Action<StreamBuilder<TEvent>>? stream = null)
    {
        StreamBuilder<TEvent> builder = new("readings");
        time(builder);
        stream?.Invoke(builder);
        declare(builder.View("by_site"));
        return Catalog.Build([builder]).Streams[0];
    }

    /// <summary>The value of each aggregate over all events, which lie in one window and group.</summary>
    public static IReadOnlyList<object?> Results<TResult>(
        IReadOnlyList<Reading> events, Expression<Func<Aggregates<Reading>, TResult>> aggregates) =>
        Assert.Single(Rows(Define(view => view.Window(Hours).Aggregate(aggregates)), events, out _)).Results;

    /// <summary>The keys of the events' groups, in order.</summary>
    public static IEnumerable<IReadOnlyList<object?>> Keys<TKey>(IReadOnlyList<Reading> events, Expression<Func<Reading, TKey>> key) =>
        Rows(Define(view => view.GroupBy(key).Window(Hours).Aggregate(a => new { N = a.Count() })), events, out _).Select(row => row.Key.Parts);

    /// <summary>How many of the events a condition takes.</summary>
    public static long Matches(IReadOnlyList<Reading> events, Expression<Func<Reading, bool>> condition) =>
        Rows(Define(view => view.Where(condition).Window(Hours).Aggregate(a => new { N = a.Count() })), events, out _).Sum(row => row.EventCount);

    public static IReadOnlyList<WindowRow> Rows<TEvent>(StreamDefinition stream, IReadOnlyList<TEvent> events, out IReadOnlyList<FailedRow> failures)
        where TEvent : notnull
    {
        StreamPlan plan = new(stream);
        StringDictionary dictionary = new();
        EventBatch batch = new(plan.ViewProjection, dictionary);
        StreamOperator kernel = new(plan, dictionary);
        RowSelection rows = new();
        foreach (TEvent next in events)
        {
            BatchFilling.Add(batch, next, 0, batch.Count, stream.EventTime);
        }

        rows.SelectAll(batch.Count);
        failures = [.. kernel.Process(batch, rows, [])];
        List<WindowRow> result = [];
        foreach (ViewOperator view in kernel.Views)
        {
            PartialBatch partials = new(view.View.Layout);
            view.Table.ExportAll(partials);
            WindowComposer composer = new(view.View);
            PartialSource source = composer.AddSource(PartialSelection.Accepted, SourceRole.Result);
            composer.Add(source, partials);
            result.AddRange(composer.Compose(TimeWindow.All));
        }

        return result;
    }
}

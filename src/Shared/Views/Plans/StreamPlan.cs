using Lambda.Events;
using Lambda.Expressions;
using Lambda.Quality;

namespace Lambda.Views.Plans;

/// <summary>A stream with the expressions of its views and row checks compiled. Immutable; shared by all operators.</summary>
internal sealed class StreamPlan
{
    public StreamPlan(StreamDefinition stream)
    {
        Stream = stream;
        KernelCompiler compiler = new(stream.Schema);
        List<SelectionPlan> selections = [];
        Views = [.. stream.Views.Select(view => new ViewPlan(
            view, SelectionPlan.FindOrAdd(selections, view, view.Flattening is { } flattening ? new KernelCompiler(flattening.Schema) : compiler)))];
        Selections = selections;
        Elements = [.. stream.Views.Where(view => view.Flattening is not null).GroupBy(view => view.Flattening!).Select(views => new ElementsPlan(
            views.Key, Projection.Of(views.Key.Schema, views.SelectMany(view => ReadBy(view, views.Key.Schema))), $"view '{views.First().Name}'"))];
        RowChecks = [.. stream.RowChecks.Select(check => (check, compiler.Values<bool>(check.Condition)))];
        IEnumerable<EventMember> readByViews = stream.Views.Where(view => view.Flattening is null).SelectMany(view => ReadBy(view, stream.Schema))
            .Concat(Elements.SelectMany(elements => elements.ReadMembers)).Distinct();
        ViewProjection = Projection.Of(stream.Schema, readByViews);
        IEnumerable<EventMember> readByChecks = stream.RowChecks.SelectMany(check => ReadMembers.Of(check.Condition, stream.Schema));
        ViewAndCheckProjection = Projection.Of(stream.Schema, readByViews.Concat(readByChecks).Distinct());
    }

    /// <summary>The stream.</summary>
    public StreamDefinition Stream { get; }

    /// <summary>What its views evaluate of events, views with the same filter together.</summary>
    public IReadOnlyList<SelectionPlan> Selections { get; }

    /// <summary>The arrays whose elements are the events of views.</summary>
    public IReadOnlyList<ElementsPlan> Elements { get; }

    /// <summary>Its views, compiled.</summary>
    public IReadOnlyList<ViewPlan> Views { get; }

    /// <summary>Its row checks, compiled; true for a good row.</summary>
    public IReadOnlyList<(RowCheck Check, CompiledKernel<bool> Kernel)> RowChecks { get; }

    /// <summary>The members that the views read: what the speed layer decodes.</summary>
    public Projection ViewProjection { get; }

    /// <summary>The members that the views and the row checks read.</summary>
    public Projection ViewAndCheckProjection { get; }

    private static IEnumerable<EventMember> ReadBy(ViewDefinition view, EventSchema schema) =>
        view.Keys.Select(key => key.Selector)
            .Concat(view.Aggregates.Select(aggregate => aggregate.Selector))
            .Append(view.Filter)
            .OfType<System.Linq.Expressions.LambdaExpression>()
            .SelectMany(expression => ReadMembers.Of(expression, schema));
}

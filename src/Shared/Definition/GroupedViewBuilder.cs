using System.Linq.Expressions;
using Lambda.Aggregation;
using Lambda.Windows;

namespace Lambda.Definition;

/// <summary>Goes on with the declaration of a view whose events are grouped.</summary>
/// <typeparam name="TEvent">The event type.</typeparam>
/// <typeparam name="TKey">The type of the key.</typeparam>
public sealed class GroupedViewBuilder<TEvent, TKey> : ViewBuilder<TEvent>
{
    internal GroupedViewBuilder(ViewBuilder<TEvent> begun)
        : base(begun)
    {
    }

    /// <inheritdoc cref="ViewBuilder{TEvent}.Where"/>
    public new GroupedViewBuilder<TEvent, TKey> Where(Expression<Func<TEvent, bool>> condition)
    {
        base.Where(condition);
        return this;
    }

    /// <inheritdoc cref="ViewBuilder{TEvent}.Window"/>
    public new GroupedViewBuilder<TEvent, TKey> Window(WindowSpec window)
    {
        base.Window(window);
        return this;
    }

    /// <inheritdoc cref="ViewBuilder{TEvent}.AllowedLateness"/>
    public new GroupedViewBuilder<TEvent, TKey> AllowedLateness(TimeSpan lateness)
    {
        base.AllowedLateness(lateness);
        return this;
    }

    /// <inheritdoc cref="ViewBuilder{TEvent}.Aggregate"/>
    public new DeclaredView<TEvent, TKey, TResult> Aggregate<TResult>(Expression<Func<Aggregates<TEvent>, TResult>> aggregates) =>
        AggregateAs<TKey, TResult>(aggregates);
}

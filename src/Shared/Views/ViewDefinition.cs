using System.Linq.Expressions;
using Lambda.Aggregation;
using Lambda.Aggregation.Sharing;
using Lambda.Events;
using Lambda.Windows;

namespace Lambda.Views;

/// <summary>A view as declared. Immutable.</summary>
internal sealed class ViewDefinition
{
    /// <summary>The name, unique in the application.</summary>
    public required string Name { get; init; }

    /// <summary>The stream it is over.</summary>
    public required string Stream { get; init; }

    /// <summary>The array whose elements are its events; null when those of the stream are.</summary>
    public Flattening? Flattening { get; init; }

    /// <summary>Which events count; null for all.</summary>
    public required LambdaExpression? Filter { get; init; }

    /// <summary>The parts of the group key; empty when there is one group.</summary>
    public required IReadOnlyList<KeyDefinition> Keys { get; init; }

    /// <summary>How events are cut into windows.</summary>
    public required WindowSpec Window { get; init; }

    /// <summary>How long after its end, by the watermark, a window still takes events.</summary>
    public required TimeSpan AllowedLateness { get; init; }

    /// <summary>What is computed per key and window.</summary>
    public required IReadOnlyList<AggregateDefinition> Aggregates { get; init; }

    /// <summary>The columns of its partials; carries the hash of the definition as version.</summary>
    public required PartialLayout Layout { get; init; }
}

/// <summary>One part of a group key.</summary>
/// <param name="Name">The name in answers, lower camel case.</param>
/// <param name="Selector">Computes it from an event.</param>
/// <param name="Type">What it is.</param>
/// <param name="IsNullable">Whether it may be null.</param>
internal sealed record KeyDefinition(string Name, LambdaExpression Selector, ColumnType Type, bool IsNullable);

/// <summary>One aggregate of a view.</summary>
/// <param name="Name">The name in answers, lower camel case.</param>
/// <param name="Function">What is computed.</param>
/// <param name="Selector">What it is computed over; null when the function counts rows.</param>
internal sealed record AggregateDefinition(string Name, AggregateFunction Function, LambdaExpression? Selector)
{
    /// <summary>Whose state tells its results; null when it has a state of its own.</summary>
    public SharedState? Shared { get; init; }

    /// <summary>The columns of its own state; none when it shares that of another.</summary>
    public IReadOnlyList<StateColumn> StateColumns => Shared is null ? Function.StateColumns : [];
}

/// <summary>The state of another aggregate of the same view.</summary>
/// <param name="Holder">Its place among the view's aggregates; it has a state of its own.</param>
/// <param name="Answer">How results are read off it.</param>
internal sealed record SharedState(int Holder, HeldAnswer Answer);

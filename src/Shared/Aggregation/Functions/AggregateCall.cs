using System.Linq.Expressions;

namespace Lambda.Aggregation.Functions;

/// <summary>A call of an aggregate function in a definition.</summary>
/// <param name="Name">The name of the method.</param>
/// <param name="Selectors">Its selectors, ready for both layers.</param>
/// <param name="Arguments">The values of its other arguments.</param>
internal sealed record AggregateCall(string Name, IReadOnlyList<LambdaExpression> Selectors, IReadOnlyList<object?> Arguments)
{
    /// <summary>The type of a selector's values that are not null.</summary>
    public Type ValueType(int selector) => Nullable.GetUnderlyingType(Selectors[selector].Body.Type) ?? Selectors[selector].Body.Type;
}

/// <summary>The function that a call stands for.</summary>
/// <param name="Function">What is computed.</param>
/// <param name="Selector">What it is computed over; null when it counts rows.</param>
internal sealed record ResolvedAggregate(AggregateFunction Function, LambdaExpression? Selector);

namespace Lambda.Definition;

/// <summary>A view whose aggregates are declared. Keep it to read the view's results by their types in tests.</summary>
/// <typeparam name="TEvent">The event type.</typeparam>
/// <typeparam name="TKey">The type of the key; <see cref="NoKey"/> when the view has one group.</typeparam>
/// <typeparam name="TResult">The type that the aggregates are members of.</typeparam>
public sealed class DeclaredView<TEvent, TKey, TResult> : ViewBuilder<TEvent>
{
    internal DeclaredView(ViewBuilder<TEvent> begun)
        : base(begun)
    {
    }
}

/// <summary>The key of a view with one group.</summary>
public readonly record struct NoKey;

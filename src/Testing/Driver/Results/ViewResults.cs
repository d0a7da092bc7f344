namespace Lambda.Testing;

/// <summary>What all layers say of a view, as of one instant. Windows are ordered by start, then key; those without events are left out.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TResult">The aggregates.</typeparam>
public sealed class ViewResults<TKey, TResult>
{
    internal ViewResults()
    {
    }

    /// <summary>What is served: the last batch run's results, and the speed layer's of the events behind its boundary.</summary>
    public required IReadOnlyList<WindowResult<TKey, TResult>> Merged { get; init; }

    /// <summary>What the speed layer says, of all events that were sent.</summary>
    public required IReadOnlyList<WindowResult<TKey, TResult>> Speed { get; init; }

    /// <summary>What the last batch run says, of the events below its boundary.</summary>
    public required IReadOnlyList<WindowResult<TKey, TResult>> Batch { get; init; }

    /// <summary>The events that came too late for a window in the speed layer, by the window that refused them.</summary>
    public required IReadOnlyList<WindowResult<TKey, TResult>> Late { get; init; }

    /// <summary>What the last batch run has changed in windows that were served before it.</summary>
    public required IReadOnlyList<WindowCorrection<TKey, TResult>> Corrections { get; init; }

    /// <summary>Both layers side by side over the events below the boundary of the last batch run; empty before the first.</summary>
    public required IReadOnlyList<WindowComparison<TKey, TResult>> Comparison { get; init; }
}

namespace Lambda.Views.Plans;

/// <summary>A view with its expressions compiled. Immutable; shared by all operators of the view.</summary>
internal sealed class ViewPlan
{
    /// <param name="view">The view.</param>
    /// <param name="selection">What the view's expressions are evaluated in; those it has not yet are added.</param>
    public ViewPlan(ViewDefinition view, SelectionPlan selection)
    {
        View = view;
        Selection = selection;
        Keys = [.. view.Keys.Select(key => selection.AddKey(view, key))];
        InputOfAggregate = [.. view.Aggregates.Select(aggregate => aggregate.Shared is null ? selection.AddInput(view, aggregate) : null)];
    }

    /// <summary>The view.</summary>
    public ViewDefinition View { get; }

    /// <summary>The events that count, and what is computed from them.</summary>
    public SelectionPlan Selection { get; }

    /// <summary>Per part of the group key which of the selection's keys it is.</summary>
    public IReadOnlyList<int> Keys { get; }

    /// <summary>Per aggregate which of the selection's inputs it takes; null when it counts rows, or shares the state of another.</summary>
    public IReadOnlyList<int?> InputOfAggregate { get; }
}

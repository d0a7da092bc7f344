namespace Lambda.Views;

/// <summary>Views that can be composed from the partials of another one.</summary>
internal static class DerivedViews
{
    /// <summary>The same view without aggregates: composes how many events a window has, and nothing that costs more.</summary>
    public static ViewDefinition CountingOnly(this ViewDefinition view) => Copy(view, view.Keys, []);

    /// <summary>The same view without keys: partials of all keys merge.</summary>
    public static ViewDefinition WithoutKeys(this ViewDefinition view) => Copy(view, [], view.Aggregates);

    private static ViewDefinition Copy(ViewDefinition view, IReadOnlyList<KeyDefinition> keys, IReadOnlyList<AggregateDefinition> aggregates) => new()
    {
        Name = view.Name,
        Stream = view.Stream,
        Filter = view.Filter,
        Keys = keys,
        Window = view.Window,
        AllowedLateness = view.AllowedLateness,
        Aggregates = aggregates,
        Layout = view.Layout,
    };
}

namespace Lambda.Definition;

/// <summary>The elements of an array of a stream's events, for views to count instead of the events.</summary>
/// <typeparam name="TElement">What each element is, or is made into.</typeparam>
public sealed class ElementsBuilder<TElement>
{
    private readonly string _stream;
    private readonly ElementSelectors _elements;
    private readonly Action<IViewBuilder> _add;

    internal ElementsBuilder(string stream, ElementSelectors elements, Action<IViewBuilder> add)
    {
        _stream = stream;
        _elements = elements;
        _add = add;
    }

    /// <summary>Begins the declaration of a view over the elements. Each has the time of its event, and is late when its event is.</summary>
    /// <exception cref="DefinitionException">The name cannot be used.</exception>
    public ViewBuilder<TElement> View(string name)
    {
        Names.Validate("view", name);
        ViewBuilder<TElement> view = new(_stream, name, _elements);
        _add(view);
        return view;
    }
}

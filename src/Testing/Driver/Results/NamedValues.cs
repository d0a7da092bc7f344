using Lambda.Testing.Shapes;

namespace Lambda.Testing;

/// <summary>The parts of a key or the aggregates of a view, by the names that answers show: lower camel case, in any case here.</summary>
public sealed class NamedValues
{
    private readonly string _view;

    internal NamedValues(string view, IReadOnlyList<string> names, IReadOnlyList<object?> values)
    {
        _view = view;
        Names = names;
        Values = values;
    }

    /// <summary>The names, in the order of the declaration.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The values, in the same order.</summary>
    public IReadOnlyList<object?> Values { get; }

    /// <summary>A value.</summary>
    /// <typeparam name="T">The type to read it as; nullable where it may be null.</typeparam>
    /// <exception cref="ArgumentException">The view has nothing of that name.</exception>
    /// <exception cref="InvalidCastException">It is no <typeparamref name="T"/>.</exception>
    public T Get<T>(string name)
    {
        for (int i = 0; i < Names.Count; i++)
        {
            if (string.Equals(Names[i], name, StringComparison.OrdinalIgnoreCase))
            {
                return ClrValue.To<T>(Values[i], $"View '{_view}', {Names[i]}");
            }
        }

        throw new ArgumentException($"View '{_view}' has no '{name}' here. There is: {string.Join(", ", Names)}.", nameof(name));
    }

    /// <summary>All names and values.</summary>
    public override string ToString() => string.Join(", ", Names.Zip(Values, (name, value) => FormattableString.Invariant($"{name}: {value}")));
}

using System.Reflection;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Views;
using Lambda.Views.Keys;

namespace Lambda.Testing.Shapes;

/// <summary>Keys and results as the types that the view was declared with.</summary>
internal sealed class TypedShape<TKey, TResult> : IRowShape<TKey, TResult>
{
    private readonly string _place;
    private readonly ConstructorInfo _result;

    /// <summary>Makes keys of several parts; null when a key is one part, or there is none.</summary>
    private readonly ConstructorInfo? _key;

    public TypedShape(ViewDefinition view)
    {
        _place = $"View '{view.Name}'";
        _result = ConstructorOf(typeof(TResult), view.Aggregates.Select(aggregate => aggregate.Name));

        // A type that a column can hold is that of a key of one part.
        bool isOnePart = ColumnTypes.OfClrType(Nullable.GetUnderlyingType(typeof(TKey)) ?? typeof(TKey)) is not null;
        _key = isOnePart || typeof(TKey) == typeof(NoKey) ? null : ConstructorOf(typeof(TKey), view.Keys.Select(key => key.Name));
    }

    public TKey Key(GroupKey key) =>
        typeof(TKey) == typeof(NoKey) ? default!
        : _key is null ? ClrValue.To<TKey>(key.Parts[0], $"{_place}, the key")
        : (TKey)Construct(_key, key.Parts);

    public TResult Result(IReadOnlyList<object?> results) => (TResult)Construct(_result, results);

    /// <summary>The constructor that the declaration has called: its parameters are what the view calls its keys or aggregates by.</summary>
    private static ConstructorInfo ConstructorOf(Type type, IEnumerable<string> names) => type
        .GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .First(constructor => constructor.GetParameters().Select(parameter => parameter.Name).SequenceEqual(names, StringComparer.OrdinalIgnoreCase));

    private object Construct(ConstructorInfo constructor, IReadOnlyList<object?> values) => constructor.Invoke(
        [.. constructor.GetParameters().Zip(values, (parameter, value) => ClrValue.To(value, parameter.ParameterType, $"{_place}, {parameter.Name}"))]);
}

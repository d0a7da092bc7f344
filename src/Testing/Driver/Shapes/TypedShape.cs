using System.Reflection;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Views;

namespace Lambda.Testing.Shapes;

/// <summary>Keys and results as the types that the view was declared with.</summary>
internal sealed class TypedShape<TKey, TResult>(ViewDefinition view) : IRowShape<TKey, TResult>
{
    private readonly string _place = $"View '{view.Name}'";

    /// <summary>A key of one part is that part; a type that no column can hold is that of several.</summary>
    private readonly bool _isOnePart = ColumnTypes.OfClrType(Nullable.GetUnderlyingType(typeof(TKey)) ?? typeof(TKey)) is not null;

    public TKey Key(GroupKey key) =>
        typeof(TKey) == typeof(NoKey) ? default!
        : _isOnePart ? ClrValue.To<TKey>(key.Parts[0], $"{_place}, the key")
        : Construct<TKey>(key.Parts);

    public TResult Result(IReadOnlyList<object?> results) => Construct<TResult>(results);

    private T Construct<T>(IReadOnlyList<object?> values)
    {
        // What a declaration can name as new { … } has one constructor, with the members in their order.
        ConstructorInfo constructor = typeof(T).GetConstructors()[0];
        return (T)constructor.Invoke([.. constructor.GetParameters().Zip(
            values, (parameter, value) => ClrValue.To(value, parameter.ParameterType, $"{_place}, {parameter.Name}"))]);
    }
}

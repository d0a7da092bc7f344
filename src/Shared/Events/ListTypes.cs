using System.Collections.Immutable;
using System.Linq.Expressions;
using System.Runtime.InteropServices;

namespace Lambda.Events;

/// <summary>C# types that are arrays in JSON.</summary>
internal static class ListTypes
{
    private static readonly Type[] MadeOfArrays =
        [typeof(IReadOnlyList<>), typeof(IReadOnlyCollection<>), typeof(IEnumerable<>), typeof(IList<>), typeof(ICollection<>)];

    /// <summary>What the elements of a type are; null when it is none of those that can be made of elements.</summary>
    public static Type? ElementOf(Type type) =>
        type.IsSZArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericTypeDefinition() is var definition
            && (MadeOfArrays.Contains(definition) || definition == typeof(List<>) || definition == typeof(ImmutableArray<>)) ? type.GetGenericArguments()[0]
        : null;

    /// <summary>An expression that makes a value of a type from an array of its elements.</summary>
    public static Expression FromArray(Type type, Expression array)
    {
        if (type.IsArray || !type.IsGenericType || MadeOfArrays.Contains(type.GetGenericTypeDefinition()))
        {
            return Expression.Convert(array, type);
        }

        Type element = type.GetGenericArguments()[0];
        return type.GetGenericTypeDefinition() == typeof(List<>)
            ? Expression.New(type.GetConstructor([typeof(IEnumerable<>).MakeGenericType(element)])!, array)
            : Expression.Call(typeof(ImmutableCollectionsMarshal), nameof(ImmutableCollectionsMarshal.AsImmutableArray), [element], array);
    }
}

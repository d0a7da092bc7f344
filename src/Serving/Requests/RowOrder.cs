using Lambda.Views;
using Lambda.Views.Composing;

namespace Lambda.Serving.Requests;

/// <summary>One thing that rows are ordered by.</summary>
/// <param name="Value">Takes it from a row.</param>
/// <param name="Type">The type of its values that are not null.</param>
/// <param name="Direction">Which way round. Null is the least value.</param>
internal sealed record RowOrder(Func<WindowRow, object?> Value, Type Type, SortDirection Direction)
{
    /// <summary>The order by several things, then by window start and key, which makes it total.</summary>
    public static Comparer<WindowRow> ComparerOf(IReadOnlyList<RowOrder> orders) => Comparer<WindowRow>.Create((a, b) =>
    {
        foreach (RowOrder order in orders)
        {
            int result = order.Compare(order.Value(a), order.Value(b));
            if (result != 0)
            {
                return result;
            }
        }

        return a.Address.CompareTo(b.Address);
    });

    /// <summary>Whether rows can be ordered by an aggregate: not by one whose results have no order, such as lists.</summary>
    public static bool IsPossible(AggregateDefinition aggregate) =>
        typeof(IComparable).IsAssignableFrom(Nullable.GetUnderlyingType(aggregate.Function.ResultType) ?? aggregate.Function.ResultType);

    /// <summary>Which of two values comes first.</summary>
    public int Compare(object? a, object? b)
    {
        int result = a is string text && b is string other ? string.CompareOrdinal(text, other) : Comparer<object?>.Default.Compare(a, b);
        return Direction == SortDirection.Ascending ? result : -result;
    }
}

/// <summary>Which way round.</summary>
internal enum SortDirection
{
    /// <summary>The least first.</summary>
    Ascending,

    /// <summary>The greatest first.</summary>
    Descending,
}

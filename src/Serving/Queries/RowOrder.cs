using Lambda.Views.Composing;

namespace Lambda.Serving.Queries;

/// <summary>One thing that rows are ordered by.</summary>
/// <param name="Value">Takes it from a row.</param>
/// <param name="Direction">Which way round. Null is the least value.</param>
internal sealed record RowOrder(Func<WindowRow, object?> Value, SortDirection Direction)
{
    private static readonly Comparer<object?> Values = Comparer<object?>.Create(Compare);

    /// <summary>The order by several things, then by window start and key, which makes it total.</summary>
    public static Comparer<WindowRow> ComparerOf(IReadOnlyList<RowOrder> orders) => Comparer<WindowRow>.Create((a, b) =>
    {
        foreach (RowOrder order in orders)
        {
            int result = Values.Compare(order.Value(a), order.Value(b));
            if (result != 0)
            {
                return order.Direction == SortDirection.Ascending ? result : -result;
            }
        }

        return a.Address.CompareTo(b.Address);
    });

    private static int Compare(object? a, object? b) => a is string text && b is string other
        ? string.CompareOrdinal(text, other)
        : Comparer<object?>.Default.Compare(a, b);
}

/// <summary>Which way round.</summary>
internal enum SortDirection
{
    /// <summary>The least first.</summary>
    Ascending,

    /// <summary>The greatest first.</summary>
    Descending,
}

using Lambda.Views.Composing;

namespace Lambda.Serving.Requests;

/// <summary>The place of a page's last row in the order of rows. The next page has the rows behind it, whatever came or went since.</summary>
/// <param name="Values">What the row is ordered by, term by term.</param>
/// <param name="Address">What comes after that in the order.</param>
internal sealed record RowCursor(IReadOnlyList<object?> Values, WindowAddress Address)
{
    /// <summary>The place of a row.</summary>
    public static RowCursor Of(WindowRow row, IReadOnlyList<RowOrder> orders) => new([.. orders.Select(order => order.Value(row))], row.Address);

    /// <summary>Whether a row comes behind it in the same order.</summary>
    public bool IsBefore(WindowRow row, IReadOnlyList<RowOrder> orders)
    {
        for (int i = 0; i < orders.Count; i++)
        {
            int result = orders[i].Compare(orders[i].Value(row), Values[i]);
            if (result != 0)
            {
                return result > 0;
            }
        }

        return row.Address.CompareTo(Address) > 0;
    }
}

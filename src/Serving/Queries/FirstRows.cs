using Lambda.Serving.Requests;
using Lambda.Views.Composing;

namespace Lambda.Serving.Queries;

/// <summary>The first rows in an order, of however many come: no others are kept.</summary>
internal sealed class FirstRows
{
    private readonly int _limit;
    private readonly Comparer<WindowRow> _order;

    /// <summary>Those kept so far, of which the last in the order comes out first.</summary>
    private readonly PriorityQueue<WindowRow, WindowRow> _kept;

    /// <param name="orders">What rows are ordered by; ties by window start and key.</param>
    /// <param name="limit">How many are kept; 1 or more.</param>
    public FirstRows(IReadOnlyList<RowOrder> orders, int limit)
    {
        _limit = limit;
        _order = RowOrder.ComparerOf(orders);
        _kept = new PriorityQueue<WindowRow, WindowRow>(Comparer<WindowRow>.Create((a, b) => _order.Compare(b, a)));
    }

    /// <summary>Whether rows came that are not kept.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Takes a row.</summary>
    public void Add(WindowRow row)
    {
        if (_kept.Count < _limit)
        {
            _kept.Enqueue(row, row);
            return;
        }

        HasMore = true;
        if (_order.Compare(row, _kept.Peek()) < 0)
        {
            _kept.DequeueEnqueue(row, row);
        }
    }

    /// <summary>Those that are kept, in order.</summary>
    public IReadOnlyList<WindowRow> ToList() => [.. _kept.UnorderedItems.Select(item => item.Element).Order(_order)];
}

using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Views.Plans;
using Lambda.Views.Tables;

namespace Lambda.Views.Operators;

/// <summary>
/// Computes the partials of one view from events whose filter, keys and values have been evaluated, so that an event whose expression throws has not
/// been counted anywhere. Both layers run it; the batch layer gives no watermarks.
/// </summary>
internal sealed class ViewOperator
{
    private readonly ViewPlan _plan;
    private readonly SelectedEvents _events;
    private readonly long[][] _keyColumns;
    private readonly bool[][] _keyNulls;
    private readonly KernelProgress _rehearsed = new();
    private int[] _keys = [];
    private int[] _slots = [];

    /// <param name="plan">The view.</param>
    /// <param name="events">What its selection has evaluated; shared with other views.</param>
    /// <param name="dictionary">What string parts of keys are ids of.</param>
    public ViewOperator(ViewPlan plan, SelectedEvents events, StringDictionary dictionary)
    {
        _plan = plan;
        _events = events;
        _keyColumns = new long[plan.Keys.Count][];
        _keyNulls = new bool[plan.Keys.Count][];
        Table = PartialTable.Create(plan.View, dictionary);
    }

    /// <summary>The view.</summary>
    public ViewDefinition View => _plan.View;

    /// <summary>What has been computed.</summary>
    public PartialTable Table { get; }

    /// <summary>Reports what has been evaluated and has values that a user's aggregator refuses.</summary>
    /// <param name="failures">Takes rows of what the view is over: events, or elements of an array.</param>
    public void Rehearse(List<FailedRow> failures)
    {
        for (int i = 0; i < Table.States.Count; i++)
        {
            if (Table.States[i] is UserState state && _plan.InputOfAggregate[i] is { } index)
            {
                AggregateInput input = _events.Input(index);
                FailureGuard.Run(
                    state.Place, _events.Selection, failures, _rehearsed, (View: this, state, input),
                    static on => on.state.Rehearse(on.View._events.Count, on.input, on.View._rehearsed));
            }
        }
    }

    /// <summary>Adds the events that have been evaluated.</summary>
    /// <param name="batch">The batch they are of.</param>
    /// <param name="watermarksBefore">Per row of the batch the watermark that judges it; empty when nothing is ever late.</param>
    public void Accumulate(EventBatch batch, ReadOnlySpan<long> watermarksBefore)
    {
        int count = _events.Count;
        if (_slots.Length < count)
        {
            _keys = new int[Math.Max(count, _slots.Length * 2)];
            _slots = new int[_keys.Length];
        }

        for (int part = 0; part < _keyColumns.Length; part++)
        {
            _keyColumns[part] = _events.Key(_plan.Keys[part]);
            _keyNulls[part] = _events.KeyNulls(_plan.Keys[part]);
        }

        Span<int> keys = _keys.AsSpan(0, count);
        Table.Keys.FindOrAdd(_keyColumns, _keyNulls, keys);
        Span<int> slots = _slots.AsSpan(0, count);
        Table.Assign(new AddressedRows(batch, _events.Rows, keys, _events.Times, watermarksBefore), slots);
        for (int i = 0; i < Table.States.Count; i++)
        {
            Table.States[i].Add(slots, _plan.InputOfAggregate[i] is { } input ? _events.Input(input) : NoInput.Instance);
        }
    }

    private sealed class NoInput : AggregateInput
    {
        public static readonly NoInput Instance = new();
    }
}

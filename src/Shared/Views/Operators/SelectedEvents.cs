using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Views.Plans;
using Lambda.Windows;

namespace Lambda.Views.Operators;

/// <summary>
/// The events of a batch that pass one filter, with the values that views need of them in arrays parallel to the selection. Reused from batch to batch;
/// not safe for use by several threads at once.
/// </summary>
internal sealed class SelectedEvents
{
    private readonly RowSelection _filtered = new();
    private readonly RowSelection _inWindows = new();
    private readonly KernelProgress _progress = new();
    private readonly AggregateInput[] _inputs;
    private readonly long[][] _keys;
    private readonly bool[][] _keyNulls;
    private bool[] _flags = [];
    private long[] _times = [];
    private long[] _sliceStarts = [];
    private RowSelection _rows;

    public SelectedEvents(SelectionPlan plan)
    {
        Plan = plan;
        _inputs = [.. plan.Inputs.Select(input => input.Input.CreateBuffer())];
        _keys = [.. plan.Keys.Select(_ => Array.Empty<long>())];
        _keyNulls = [.. plan.Keys.Select(_ => Array.Empty<bool>())];
        _rows = _filtered;
    }

    /// <summary>What is selected and computed.</summary>
    public SelectionPlan Plan { get; }

    /// <summary>The number of events.</summary>
    public int Count => _rows.Count;

    /// <summary>The rows of the batch that were selected.</summary>
    public RowSelection Selection => _rows;

    /// <summary>Per place the row of the batch.</summary>
    public ReadOnlySpan<int> Rows => _rows.Span;

    /// <summary>Per place the event time.</summary>
    public ReadOnlySpan<long> Times => _times.AsSpan(0, _rows.Count);

    /// <summary>Per place the values of a key part, as 64 bits.</summary>
    public long[] Key(int index) => _keys[index];

    /// <summary>Per place whether a key part is null; of no meaning for a part that cannot be.</summary>
    public bool[] KeyNulls(int index) => _keyNulls[index];

    /// <summary>Per place the values that an aggregate takes.</summary>
    public AggregateInput Input(int index) => _inputs[index];

    /// <summary>
    /// Evaluates everything for the rows. Those for which an expression throws are reported; what is computed for them is not to be used, so the
    /// caller evaluates again without them.
    /// </summary>
    public void Evaluate(EventBatch batch, RowSelection rows, List<FailedRow> failures)
    {
        EnsureCapacity(rows.Count);
        _rows = rows;
        if (Plan.Filter is { } filter)
        {
            FailureGuard.Run(
                Plan.FilterSource, rows, failures, _progress, (Events: this, filter, batch),
                static on => on.filter.Run(on.batch, on.Events._rows.Rows, on.Events.Count, on.Events._progress, on.Events._flags, []));
            _filtered.SelectWhere(rows, _flags);
            _rows = _filtered;
        }

        FillTimes(batch);
        if (Plan.Gaps is { } slicing)
        {
            SelectInWindows(slicing);
            FillTimes(batch);
        }

        for (int i = 0; i < _keys.Length; i++)
        {
            FailureGuard.Run(Plan.Keys[i].Source, _rows, failures, _progress, (Events: this, batch, i), static on => on.Events.EvaluateKey(on.batch, on.i));
        }

        for (int i = 0; i < _inputs.Length; i++)
        {
            FailureGuard.Run(
                Plan.Inputs[i].Source, _rows, failures, _progress, (Events: this, batch, i), static on => on.Events.EvaluateInput(on.batch, on.i));
        }
    }

    private void EvaluateKey(EventBatch batch, int index) =>
        Plan.Keys[index].Kernel.Run(batch, _rows.Rows, _rows.Count, _progress, _keys[index], _keyNulls[index]);

    private void EvaluateInput(EventBatch batch, int index) => Plan.Inputs[index].Input.Evaluate(batch, _rows, _progress, _inputs[index]);

    private void FillTimes(EventBatch batch)
    {
        ReadOnlySpan<int> rows = _rows.Span;
        long[] times = batch.EventTimes;
        if (rows.Length == batch.Count)
        {
            // As many different rows as there are: all of them, in order.
            times.AsSpan(0, rows.Length).CopyTo(_times);
            return;
        }

        for (int i = 0; i < rows.Length; i++)
        {
            _times[i] = times[rows[i]];
        }
    }

    private void SelectInWindows(ISlicing slicing)
    {
        int count = _rows.Count;
        slicing.AssignSlices(_times.AsSpan(0, count), _sliceStarts);
        for (int i = 0; i < count; i++)
        {
            _flags[i] = slicing.WindowCount(_sliceStarts[i]) > 0;
        }

        _inWindows.SelectWhere(_rows, _flags);
        _rows = _inWindows;
    }

    private void EnsureCapacity(int rows)
    {
        if (_flags.Length >= rows)
        {
            return;
        }

        int capacity = Math.Max(rows, _flags.Length * 2);
        _flags = new bool[capacity];
        _times = new long[capacity];
        _sliceStarts = new long[capacity];
        for (int i = 0; i < _keys.Length; i++)
        {
            _keys[i] = new long[capacity];
            _keyNulls[i] = new bool[capacity];
        }

        for (int i = 0; i < _inputs.Length; i++)
        {
            Plan.Inputs[i].Input.EnsureCapacity(_inputs[i], capacity);
        }
    }
}

using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Windows;

namespace Lambda.Views;

/// <summary>
/// Computes the partials of one view from batches of events: filter, key and values for all selected rows first, then the accumulators, so that an
/// event whose expression throws has not been counted anywhere. Both layers run it; the batch layer gives no watermarks.
/// </summary>
internal sealed class ViewOperator
{
    private readonly ViewPlan _plan;

    /// <summary>How time is cut when it has gaps, whose events count in no window; null otherwise.</summary>
    private readonly ISlicing? _gaps;
    private readonly AggregateInput[] _inputs;
    private readonly long[][] _keyColumns;
    private readonly bool[][] _keyNulls;
    private readonly string _source;
    private readonly RowSelection _filtered = new();
    private readonly RowSelection _inWindows = new();
    private readonly KernelProgress _progress = new();
    private bool[] _flags = [];
    private long[] _times = [];
    private long[] _sliceStarts = [];
    private int[] _keys = [];
    private int[] _slots = [];

    /// <summary>The rows that the last <see cref="Evaluate"/> let through.</summary>
    private RowSelection _rows;

    public ViewOperator(ViewPlan plan, StringDictionary dictionary)
    {
        _plan = plan;
        _gaps = plan.View.Window is SlicedWindows { Slicing: { HasGaps: true } slicing } ? slicing : null;
        _inputs = [.. plan.Inputs.Select(input => input.CreateBuffer())];
        _keyColumns = [.. plan.Keys.Select(_ => Array.Empty<long>())];
        _keyNulls = [.. plan.Keys.Select(_ => Array.Empty<bool>())];
        _rows = _filtered;
        _source = $"view '{plan.View.Name}'";
        Table = PartialTable.Create(plan.View, dictionary);
    }

    /// <summary>The view.</summary>
    public ViewDefinition View => _plan.View;

    /// <summary>What has been computed.</summary>
    public PartialTable Table { get; }

    /// <summary>
    /// Evaluates all expressions for the selected rows. Rows for which one throws are reported; what is computed for them is not to be used, so
    /// the caller evaluates again without them.
    /// </summary>
    public void Evaluate(EventBatch batch, RowSelection rows, List<FailedRow> failures)
    {
        EnsureCapacity(rows.Count);
        _rows = rows;
        if (_plan.Filter is { } filter)
        {
            FailureGuard.Run(_source, rows, failures, _progress, () => filter.Run(batch, rows.Rows, rows.Count, _progress, _flags, []));
            _filtered.SelectWhere(rows, _flags);
            _rows = _filtered;
        }

        if (_gaps is not null)
        {
            SelectInWindows(batch, _gaps);
        }

        for (int i = 0; i < _plan.Keys.Count; i++)
        {
            int part = i;
            FailureGuard.Run(_source, _rows, failures, _progress, () =>
                _plan.Keys[part].Run(batch, _rows.Rows, _rows.Count, _progress, _keyColumns[part], _keyNulls[part]));
        }

        for (int i = 0; i < _inputs.Length; i++)
        {
            int input = i;
            FailureGuard.Run(_source, _rows, failures, _progress, () =>
                _plan.Inputs[input].Evaluate(batch, _rows, _progress, _inputs[input]));
        }
    }

    /// <summary>Adds what the last <see cref="Evaluate"/> has computed.</summary>
    /// <param name="batch">The same batch.</param>
    /// <param name="watermarksBefore">Per row of the batch the watermark that judges it; empty when nothing is ever late.</param>
    public void Accumulate(EventBatch batch, ReadOnlySpan<long> watermarksBefore)
    {
        ReadOnlySpan<int> rows = _rows.Span;
        long[] times = batch.EventTimes;
        for (int i = 0; i < rows.Length; i++)
        {
            _times[i] = times[rows[i]];
        }

        Span<int> keys = _keys.AsSpan(0, rows.Length);
        Table.Keys.FindOrAdd(_keyColumns, _keyNulls, keys);
        Span<int> slots = _slots.AsSpan(0, rows.Length);
        Table.Assign(new AddressedRows(batch, rows, keys, _times.AsSpan(0, rows.Length), watermarksBefore), slots);
        for (int i = 0; i < Table.States.Count; i++)
        {
            Table.States[i].Add(slots, _plan.InputOfAggregate[i] is { } input ? _inputs[input] : NoInput.Instance);
        }
    }

    private void SelectInWindows(EventBatch batch, ISlicing slicing)
    {
        ReadOnlySpan<int> rows = _rows.Span;
        for (int i = 0; i < rows.Length; i++)
        {
            _times[i] = batch.EventTimes[rows[i]];
        }

        slicing.AssignSlices(_times.AsSpan(0, rows.Length), _sliceStarts);
        for (int i = 0; i < rows.Length; i++)
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
        _keys = new int[capacity];
        _slots = new int[capacity];
        for (int i = 0; i < _keyColumns.Length; i++)
        {
            _keyColumns[i] = new long[capacity];
            _keyNulls[i] = new bool[capacity];
        }

        for (int i = 0; i < _inputs.Length; i++)
        {
            _plan.Inputs[i].EnsureCapacity(_inputs[i], capacity);
        }
    }

    private sealed class NoInput : AggregateInput
    {
        public static readonly NoInput Instance = new();
    }
}

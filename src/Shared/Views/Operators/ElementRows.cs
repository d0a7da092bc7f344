using Lambda.Events;
using Lambda.Expressions;
using Lambda.Views.Plans;

namespace Lambda.Views.Operators;

/// <summary>
/// The elements of an array of the events of a batch, as a batch of their own with the events' members beside them. An element has time, position and
/// watermark of its event; an event with an empty array, or none, has no rows. Reused from batch to batch; not safe for use by several threads at once.
/// </summary>
internal sealed class ElementRows
{
    private readonly Flattening _flattening;
    private readonly string _source;
    private readonly EventMember[] _around;
    private readonly EventMember[] _gathered;
    private readonly EventMember[] _shared;
    private readonly List<FailedRow> _failures = [];
    private int[] _events = [];
    private int[] _elements = [];
    private long[] _watermarks = [];

    public ElementRows(ElementsPlan plan, StringDictionary dictionary)
    {
        _flattening = plan.Flattening;
        _source = plan.Source;
        Batch = new EventBatch(plan.Projection, dictionary);
        _around = [.. _flattening.List.Ancestry.Where(member => member != _flattening.List && member.IsNullable)];
        EventMember[] carried = [.. plan.Projection.Schema.All.Where(member => plan.Projection[member] != ColumnForm.Absent && _flattening.SourceOf(member) is not null)];
        _gathered = [.. carried.Where(member => member.List is null)];
        _shared = [.. carried.Where(member => member.List is not null)];
    }

    /// <summary>Which array.</summary>
    public Flattening Flattening => _flattening;

    /// <summary>The elements.</summary>
    public EventBatch Batch { get; }

    /// <summary>All rows of <see cref="Batch"/>.</summary>
    public RowSelection Rows { get; } = new();

    /// <summary>Takes the elements of the selected rows of a batch. Rows whose array lies in an object that is null are reported.</summary>
    public void Expand(EventBatch batch, RowSelection rows, List<FailedRow> failures)
    {
        if (Batch.Dictionary != batch.Dictionary)
        {
            Batch.Reset(batch.Dictionary);
        }

        int count = Find(batch, rows, failures);
        Batch.Clear();
        Batch.EnsureCapacity(count);
        Batch.Count = count;
        Rows.SelectAll(count);
        ReadOnlySpan<int> events = _events.AsSpan(0, count);
        for (int i = 0; i < events.Length; i++)
        {
            int row = events[i];
            Batch.EventTimes[i] = batch.EventTimes[row];
            Batch.Partitions[i] = batch.Partitions[row];
            Batch.Offsets[i] = batch.Offsets[row];
            Batch.AppendedAt[i] = batch.AppendedAt[row];
        }

        foreach (EventMember member in _gathered)
        {
            bool isOfElement = member.Ancestry.First() == _flattening.Element;
            Batch[member]!.Gather(batch[_flattening.SourceOf(member)!]!, isOfElement ? _elements.AsSpan(0, count) : events);
        }

        // The elements of arrays deeper in stay where they are: a row only says which of them it has.
        foreach (EventMember member in _shared)
        {
            Batch.Share(member, batch[_flattening.SourceOf(member)!]!);
        }
    }

    /// <summary>Evaluates a selection over the elements. An event fails when one of its elements does.</summary>
    public void Evaluate(SelectedEvents selection, List<FailedRow> failures)
    {
        _failures.Clear();
        selection.Evaluate(Batch, Rows, _failures);
        Report(failures);
    }

    /// <summary>Reports the events that have an element whose value an aggregator of the view refuses.</summary>
    public void Rehearse(ViewOperator view, List<FailedRow> failures)
    {
        _failures.Clear();
        view.Rehearse(_failures);
        Report(failures);
    }

    /// <summary>Per element the watermark that judges its event; empty when nothing is ever late.</summary>
    public ReadOnlySpan<long> Watermarks(ReadOnlySpan<long> watermarksBefore)
    {
        if (watermarksBefore.IsEmpty)
        {
            return [];
        }

        if (_watermarks.Length < Batch.Count)
        {
            _watermarks = new long[Batch.Capacity];
        }

        for (int i = 0; i < Batch.Count; i++)
        {
            _watermarks[i] = watermarksBefore[_events[i]];
        }

        return _watermarks.AsSpan(0, Batch.Count);
    }

    /// <summary>Passes on the failures of elements as those of their events.</summary>
    private void Report(List<FailedRow> failures)
    {
        foreach (FailedRow failure in _failures)
        {
            failures.Add(failure with { Row = _events[failure.Row] });
        }
    }

    /// <summary>Finds which element of which event each row is.</summary>
    private int Find(EventBatch batch, RowSelection rows, List<FailedRow> failures)
    {
        ListColumn list = (ListColumn)batch[_flattening.List]!;
        int count = 0;
        foreach (int row in rows.Span)
        {
            if (Array.Find(_around, member => batch[member]!.Nulls![row]) is { } missing)
            {
                failures.Add(new FailedRow(row, _source, NullMembers.Error(missing.Path)));
                continue;
            }

            int end = checked(count + list.Lengths[row]);
            if (end > _events.Length)
            {
                int capacity = (int)Math.Min(Array.MaxLength, Math.Max(end, _events.Length * 2L));
                Array.Resize(ref _events, capacity);
                Array.Resize(ref _elements, capacity);
            }

            for (int element = list.Starts[row]; count < end; element++, count++)
            {
                _events[count] = row;
                _elements[count] = element;
            }
        }

        return count;
    }
}

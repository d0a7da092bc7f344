using Lambda.Events;
using Lambda.Expressions;
using Lambda.Views.Plans;

namespace Lambda.Views.Operators;

/// <summary>
/// Runs the operators of all views of a stream over the same batches, in one pass: what several views compute of an event is computed once. An event
/// whose expression throws in one view, or whose value a user's aggregator refuses, counts in none. Not safe for use by several threads at once.
/// </summary>
internal sealed class StreamOperator
{
    private readonly SelectedEvents[] _selections;
    private readonly ElementRows[] _elements;
    private readonly ViewOperator[] _views;
    private readonly List<FailedRow> _failures = [];

    public StreamOperator(StreamPlan plan, StringDictionary dictionary)
    {
        _selections = [.. plan.Selections.Select(selection => new SelectedEvents(selection))];
        _elements = [.. plan.Elements.Select(elements => new ElementRows(elements, dictionary))];
        _views = [.. plan.Views.Select(view =>
            new ViewOperator(view, _selections.First(selection => selection.Plan == view.Selection), dictionary))];
    }

    /// <summary>One operator per view, in the order of the definition.</summary>
    public IReadOnlyList<ViewOperator> Views => _views;

    /// <summary>Roughly how many bytes the partials take.</summary>
    public long ByteCount => _views.Sum(view => view.Table.ByteCount);

    /// <summary>Adds the selected rows of a batch.</summary>
    /// <param name="batch">The events; its dictionary is the one the operator was made or last reset with.</param>
    /// <param name="rows">Which rows count; those that fail are taken out.</param>
    /// <param name="watermarksBefore">Per row of the batch the watermark that judges it; empty when nothing is ever late.</param>
    /// <returns>The rows that failed, valid until the next call.</returns>
    public IReadOnlyList<FailedRow> Process(EventBatch batch, RowSelection rows, ReadOnlySpan<long> watermarksBefore)
    {
        _failures.Clear();
        int failuresBefore;
        do
        {
            failuresBefore = _failures.Count;
            Evaluate(batch, rows);
            if (_failures.Count == failuresBefore)
            {
                // Only now are the values of all rows there.
                Rehearse();
            }

            for (int i = failuresBefore; i < _failures.Count; i++)
            {
                rows.Remove(_failures[i].Row);
            }
        }
        while (_failures.Count > failuresBefore);

        foreach (ViewOperator view in _views)
        {
            if (ElementsOf(view.View.Flattening) is { } elements)
            {
                view.Accumulate(elements.Batch, elements.Watermarks(watermarksBefore));
            }
            else
            {
                view.Accumulate(batch, watermarksBefore);
            }
        }

        RemoveRepeatedFailures();
        return _failures;
    }

    /// <summary>Removes all partials and goes on with another dictionary.</summary>
    public void Reset(StringDictionary dictionary)
    {
        foreach (ViewOperator view in _views)
        {
            view.Table.Reset(dictionary);
        }
    }

    private void Evaluate(EventBatch batch, RowSelection rows)
    {
        foreach (ElementRows elements in _elements)
        {
            elements.Expand(batch, rows, _failures);
        }

        foreach (SelectedEvents selection in _selections)
        {
            if (ElementsOf(selection.Plan.Flattening) is { } elements)
            {
                elements.Evaluate(selection, _failures);
            }
            else
            {
                selection.Evaluate(batch, rows, _failures);
            }
        }
    }

    private void Rehearse()
    {
        foreach (ViewOperator view in _views)
        {
            if (ElementsOf(view.View.Flattening) is { } elements)
            {
                elements.Rehearse(view, _failures);
            }
            else
            {
                view.Rehearse(_failures);
            }
        }
    }

    private ElementRows? ElementsOf(Flattening? flattening)
    {
        foreach (ElementRows elements in _elements)
        {
            if (elements.Flattening == flattening)
            {
                return elements;
            }
        }

        return null;
    }

    /// <summary>A row that fails in several views is reported once, for the first of them.</summary>
    private void RemoveRepeatedFailures()
    {
        if (_failures.Count > 1)
        {
            List<FailedRow> first = [.. _failures.DistinctBy(failure => failure.Row)];
            _failures.Clear();
            _failures.AddRange(first);
        }
    }
}

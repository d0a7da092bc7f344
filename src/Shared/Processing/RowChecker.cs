using Lambda.Events;
using Lambda.Expressions;
using Lambda.Quality;
using Lambda.Views.Plans;

namespace Lambda.Processing;

/// <summary>Applies a stream's row checks to batches. Not safe for use by several threads at once.</summary>
internal sealed class RowChecker(StreamPlan plan)
{
    private readonly KernelProgress _progress = new();
    private readonly List<FailedRow> _failures = [];
    private readonly RowSelection _passing = new();
    private readonly Dictionary<RowCheck, string> _details = plan.RowChecks.ToDictionary(
        check => check.Check, check => $"The event fails the check '{check.Check.Name}'.");

    /// <summary>By place in the selection that is judged, whether the row passes the check.</summary>
    private bool[] _flags = [];

    /// <summary>Takes the rows that fail a check out of <paramref name="rows"/> and puts them into <paramref name="refused"/>.</summary>
    /// <param name="batch">The events.</param>
    /// <param name="rows">Which of them are judged.</param>
    /// <param name="refused">Takes those that failed; what it held is removed.</param>
    /// <param name="onRefused">Told row, reason and detail of each.</param>
    public void Apply(EventBatch batch, RowSelection rows, RowSelection refused, Action<int, RejectReason, string> onRefused)
    {
        List<int> refusedRows = [];
        foreach ((RowCheck check, CompiledKernel<bool> kernel) in plan.RowChecks)
        {
            Judge(batch, rows, check, kernel);
            _passing.Clear();
            int failure = 0;
            for (int place = 0; place < rows.Count; place++)
            {
                int row = rows.Rows[place];
                if (_flags[place])
                {
                    _passing.Add(row);
                    continue;
                }

                refusedRows.Add(row);
                bool threw = failure < _failures.Count && _failures[failure].Row == row;
                onRefused(row, threw ? RejectReason.ExpressionFailed : RejectReason.CheckFailed, threw ? _failures[failure++].Detail : _details[check]);
            }

            rows.Clear();
            foreach (int row in _passing.Span)
            {
                rows.Add(row);
            }
        }

        refusedRows.Sort();
        refused.Clear();
        foreach (int row in refusedRows)
        {
            refused.Add(row);
        }
    }

    private void Judge(EventBatch batch, RowSelection rows, RowCheck check, CompiledKernel<bool> kernel)
    {
        if (_flags.Length < rows.Count)
        {
            _flags = new bool[Math.Max(rows.Count, _flags.Length * 2)];
        }

        // A row whose condition throws leaves its flag as it was.
        Array.Clear(_flags, 0, rows.Count);
        _failures.Clear();
        FailureGuard.Run(
            $"check '{check.Name}'", rows, _failures, _progress, (Checker: this, kernel, batch, rows),
            static on => on.kernel.Run(on.batch, on.rows.Rows, on.rows.Count, on.Checker._progress, on.Checker._flags, []));
    }
}

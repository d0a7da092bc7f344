namespace Lambda.Expressions;

/// <summary>Runs a column loop to its end although expressions of some rows throw.</summary>
internal static class FailureGuard
{
    /// <summary>
    /// Runs <paramref name="loop"/> over the selection; a row whose expression throws is reported and the loop goes on behind it. What the loop needs is given
    /// to it as <paramref name="state"/>: a closure would be made anew for every batch.
    /// </summary>
    public static void Run<TState>(
        string source, RowSelection rows, List<FailedRow> failures, KernelProgress progress, TState state, Action<TState> loop)
    {
        progress.Next = 0;
        while (progress.Next < rows.Count)
        {
            try
            {
                loop(state);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // Expressions are the user's code and may throw anything; one event must not stop a layer.
                failures.Add(new FailedRow(rows.Rows[progress.Next], source, error));
                progress.Next++;
            }
        }
    }
}

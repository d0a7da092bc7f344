namespace Lambda.Expressions;

/// <summary>A row for which an expression threw; it counts nowhere.</summary>
/// <param name="Row">Its index in the batch.</param>
/// <param name="Source">Whose expression: a view or a check, in words.</param>
/// <param name="Error">What was thrown.</param>
internal readonly record struct FailedRow(int Row, string Source, Exception Error)
{
    /// <summary>What happened, for the quarantine.</summary>
    public string Detail => $"{Source}: {ErrorText.Of(Error)}";
}

namespace Lambda.Batch.History.Maintenance;

/// <summary>Whether a vacuum deletes.</summary>
internal enum VacuumMode
{
    /// <summary>It does.</summary>
    Delete,

    /// <summary>It only tells what it would delete.</summary>
    DryRun,
}

/// <summary>What a vacuum deleted of a table, or would.</summary>
/// <param name="Table">The table: <c>events</c>, <c>quarantine</c> or <c>voids</c>; <c>runs</c> for what runs that crashed have left.</param>
/// <param name="Mode">Whether it was.</param>
/// <param name="Files">The data files.</param>
/// <param name="Bytes">Their length together.</param>
/// <param name="LogFiles">How many commits and checkpoints.</param>
/// <param name="Unfinished">How many unfinished files of crashed writers; these are not known before they are deleted.</param>
internal sealed record VacuumResult(string Table, VacuumMode Mode, IReadOnlyList<string> Files, long Bytes, int LogFiles, int Unfinished);

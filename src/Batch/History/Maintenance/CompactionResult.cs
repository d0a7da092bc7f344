namespace Lambda.Batch.History.Maintenance;

/// <summary>What a compaction did to a table.</summary>
/// <param name="Table">The table: <c>events</c>, <c>quarantine</c>, <c>voids</c> or <c>deletions</c>.</param>
/// <param name="Removed">How many files were replaced.</param>
/// <param name="Added">By how many.</param>
/// <param name="RemovedBytes">Their length together.</param>
/// <param name="AddedBytes">The length of those that replaced them.</param>
/// <param name="Left">Files that could not be put together with others, with the reason.</param>
internal sealed record CompactionResult(
    string Table, int Removed, int Added, long RemovedBytes, long AddedBytes, IReadOnlyList<string> Left)
{
    /// <summary>This and what was done then.</summary>
    public CompactionResult And(CompactionResult next) => this with
    {
        Removed = Removed + next.Removed,
        Added = Added + next.Added,
        RemovedBytes = RemovedBytes + next.RemovedBytes,
        AddedBytes = AddedBytes + next.AddedBytes,
    };
}

namespace Lambda.Batch.ForeignTables.Deletions;

/// <summary>A file with values; rows that have all of them are deleted.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Columns">The columns of the values. Null equals null.</param>
/// <param name="Sequence">Concerned are data files of a lower one.</param>
/// <param name="Partition">The partition that is concerned; null for all.</param>
internal sealed record EqualityDeletes(string Path, IReadOnlyList<ForeignField> Columns, long Sequence, string? Partition);

namespace Lambda.Batch.ForeignTables.Deletions;

/// <summary>A file with paths of data files and numbers of rows that are deleted from them.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Sequence">Concerned are data files of the same or a lower one.</param>
internal sealed record PositionDeletes(string Path, long Sequence);

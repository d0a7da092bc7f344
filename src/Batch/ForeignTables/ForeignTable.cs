using Lambda.Batch.ForeignTables.Deletions;
using Lambda.Batch.ForeignTables.Hudi.Logs;

namespace Lambda.Batch.ForeignTables;

/// <summary>A table of others as it was at one point of its past: what is to be read, by its own metadata.</summary>
internal sealed class ForeignTable
{
    /// <summary>Its format and folder, as messages name it.</summary>
    public required string Name { get; init; }

    /// <summary>Which of its versions it is, in the words of its format.</summary>
    public required string Version { get; init; }

    /// <summary>Its columns.</summary>
    public required IReadOnlyList<ForeignField> Columns { get; init; }

    /// <summary>Whether files know columns by numbers; else by names.</summary>
    public bool HasFieldIds { get; init; }

    /// <summary>Its data files.</summary>
    public required IReadOnlyList<ForeignFile> Files { get; init; }

    /// <summary>Files that delete rows by file and number.</summary>
    public IReadOnlyList<PositionDeletes> PositionDeletes { get; init; } = [];

    /// <summary>Files that delete rows by values.</summary>
    public IReadOnlyList<EqualityDeletes> EqualityDeletes { get; init; } = [];

    /// <summary>Logs with changes of rows that are not in the data files; null when there are none.</summary>
    public HudiLogs? Logs { get; init; }
}

/// <summary>A data file of a table.</summary>
/// <param name="Path">Where it lies.</param>
internal sealed record ForeignFile(string Path)
{
    /// <summary>Its path as files of deletions have it, without a scheme that only says that it is of a file system.</summary>
    public string StoredPath { get; init; } = Path;

    /// <summary>Values that all its rows have in common and that it need not hold itself, by <see cref="ForeignField.NameInFiles"/>, as text.</summary>
    public IReadOnlyDictionary<string, string?> Constants { get; init; } = new Dictionary<string, string?>();

    /// <summary>Whether the constants count although the file has such columns.</summary>
    public bool ConstantsRule { get; init; }

    /// <summary>The numbers of its rows that are deleted, from 0.</summary>
    public RowNumbers? Deleted { get; init; }

    /// <summary>Its place in the order of changes; deletions by file or values concern only older files.</summary>
    public long Sequence { get; init; }

    /// <summary>The partition that it lies in, as text that no other partition has.</summary>
    public string Partition { get; init; } = "";
}

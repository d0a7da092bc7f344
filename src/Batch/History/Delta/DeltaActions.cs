using System.Text;

namespace Lambda.Batch.History.Delta;

/// <summary>One line of a Delta commit.</summary>
internal abstract record DeltaAction;

/// <summary>What a reader and a writer of the table must know.</summary>
/// <param name="MinReaderVersion">The oldest reader protocol that may read the table.</param>
/// <param name="MinWriterVersion">The oldest writer protocol that may write it.</param>
/// <param name="ReaderFeatures">Named features, from reader version 3 on.</param>
/// <param name="WriterFeatures">Named features, from writer version 7 on.</param>
internal sealed record DeltaProtocol(
    int MinReaderVersion, int MinWriterVersion, IReadOnlyList<string> ReaderFeatures, IReadOnlyList<string> WriterFeatures) : DeltaAction
{
    /// <summary>What a new table asks for: nothing but plain files, commits and checkpoints.</summary>
    public static DeltaProtocol Plain { get; } = new(1, 2, [], []);
}

/// <summary>The table's schema and settings.</summary>
/// <param name="Id">A name for the table that never changes.</param>
/// <param name="SchemaString">The columns, as JSON.</param>
/// <param name="PartitionColumns">The columns that lie in paths, not in files.</param>
/// <param name="Configuration">Settings; those of Delta itself begin with "delta.".</param>
/// <param name="CreatedTime">Milliseconds since 1970.</param>
internal sealed record DeltaMetadata(
    string Id,
    string SchemaString,
    IReadOnlyList<string> PartitionColumns,
    IReadOnlyDictionary<string, string> Configuration,
    long CreatedTime) : DeltaAction;

/// <summary>A data file that belongs to the table from this commit on.</summary>
/// <param name="Path">Where it lies, relative to the table and percent-encoded.</param>
/// <param name="PartitionValues">The values of the partition columns; null for null.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="ModificationTime">Milliseconds since 1970.</param>
/// <param name="DataChange">False when rows were only put together differently.</param>
/// <param name="Stats">Row count, bounds and null counts, as JSON; null when unknown.</param>
/// <param name="Tags">Notes of the writer.</param>
internal sealed record AddFile(
    string Path,
    IReadOnlyDictionary<string, string?> PartitionValues,
    long Size,
    long ModificationTime,
    bool DataChange,
    string? Stats,
    IReadOnlyDictionary<string, string> Tags) : DeltaAction
{
    /// <summary>In UTF-8, half of what a text takes: a table that is open has those of all its files in memory.</summary>
    private readonly byte[]? _stats = Utf8(Stats);

    /// <summary>Row count, bounds and null counts, as JSON; null when unknown.</summary>
    public string? Stats
    {
        get => _stats is null ? null : Encoding.UTF8.GetString(_stats);
        init => _stats = Utf8(value);
    }

    /// <summary>The same, to be read.</summary>
    public ReadOnlyMemory<byte>? StatsJson => _stats is null ? default(ReadOnlyMemory<byte>?) : _stats.AsMemory();

    /// <summary>The rows of the file that are deleted; null when none is.</summary>
    public VectorPointer? Vector { get; init; }

    /// <summary>What tells it from other entries of the table: a file that gets a deletion vector is removed without it and added with it.</summary>
    public string Key => VectorPointer.KeyOf(Path, Vector);

    private static byte[]? Utf8(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);
}

/// <summary>Where a deletion vector lies: the numbers of a file's rows that are deleted.</summary>
/// <param name="Storage">The letter of the kind of place: <c>i</c> for the log itself, <c>u</c> for a file of the table, <c>p</c> for a file anywhere.</param>
/// <param name="Text">The vector or its file, in the form of that kind.</param>
/// <param name="Offset">Where in its file it begins; null for its beginning.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Cardinality">How many rows it has.</param>
internal sealed record VectorPointer(string Storage, string Text, int? Offset, int Size, long Cardinality)
{
    /// <summary>What tells a file with a vector from the same file with another one.</summary>
    public static string KeyOf(string path, VectorPointer? vector) =>
        vector is null ? path : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}\n{vector.Storage}{vector.Text}@{vector.Offset}");
}

/// <summary>A file with a part of the actions of a checkpoint.</summary>
/// <param name="Path">Its name in the folder of such files, or a path.</param>
internal sealed record SidecarFile(string Path) : DeltaAction;

/// <summary>A data file that belongs to the table no longer.</summary>
/// <param name="Path">As in the action that added it.</param>
/// <param name="DeletionTimestamp">Milliseconds since 1970, from which the age of the file on disk counts.</param>
/// <param name="DataChange">False when rows were only put together differently.</param>
internal sealed record RemoveFile(string Path, long DeletionTimestamp, bool DataChange) : DeltaAction
{
    /// <summary>The values of the partition columns; null when the writer left them out.</summary>
    public IReadOnlyDictionary<string, string?>? PartitionValues { get; init; }

    /// <summary>Its length in bytes; null when the writer left it out.</summary>
    public long? Size { get; init; }

    /// <summary>The deletion vector that it had.</summary>
    public VectorPointer? Vector { get; init; }

    /// <summary>As that of the action that added it.</summary>
    public string Key => VectorPointer.KeyOf(Path, Vector);

    /// <summary>The removal of a file whose rows are in other files of the same commit.</summary>
    /// <param name="file">The file.</param>
    /// <param name="timestamp">When, in milliseconds since 1970.</param>
    public static RemoveFile Rewritten(AddFile file, long timestamp) =>
        new(file.Path, timestamp, DataChange: false) { PartitionValues = file.PartitionValues, Size = file.Size };

    /// <summary>The removal of a file of which rows go with it.</summary>
    /// <param name="file">The file.</param>
    /// <param name="timestamp">When, in milliseconds since 1970.</param>
    public static RemoveFile Deleted(AddFile file, long timestamp) => Rewritten(file, timestamp) with { DataChange = true };
}

/// <summary>How far an application's input is contained in the table.</summary>
/// <param name="AppId">The application's input.</param>
/// <param name="Version">A number that only grows.</param>
/// <param name="LastUpdated">Milliseconds since 1970.</param>
internal sealed record AppTransaction(string AppId, long Version, long LastUpdated) : DeltaAction;

/// <summary>What a commit tells about itself.</summary>
/// <param name="Timestamp">When it was made, in milliseconds since 1970; null when its writer did not say.</param>
/// <param name="Operation">What was done, for a person who reads the log; null when its writer did not say.</param>
internal sealed record CommitInfo(long? Timestamp, string? Operation) : DeltaAction;

using Lambda.Batch.History.Appending;
using Lambda.Batch.History.Delta;
using Lambda.Store;

namespace Lambda.Batch.History;

/// <summary>A history as it was after a commit: what a recompute pins. Never changes, as long as its files are not vacuumed.</summary>
internal sealed class HistorySnapshot
{
    private readonly Lazy<IReadOnlyList<HistoryFile>> _files;
    private readonly Lazy<ILookup<DateOnly?, HistoryFile>> _ofDay;
    private readonly string _stream;

    public HistorySnapshot(DeltaSnapshot table, string stream, KnownFiles files)
    {
        Table = table;
        _stream = stream;
        _files = new(() => files.Of(table));
        _ofDay = new(() => Files.ToLookup(file => file.Day));
    }

    public DeltaSnapshot Table { get; }

    public long Version => Table.Version;

    /// <summary>The data files, ordered by date and name.</summary>
    public IReadOnlyList<HistoryFile> Files => _files.Value;

    /// <summary>The same by the date of their rows; null for those that have none.</summary>
    public ILookup<DateOnly?, HistoryFile> FilesByDay => _ofDay.Value;

    /// <summary>The first offset of a partition that the history does not cover; null when it has never covered any.</summary>
    public long? EndOffset(int partition) =>
        Table.Transactions.TryGetValue(RunPlan.AppId(_stream, partition), out long end) ? end : null;

    /// <summary>Where every partition of the history begins; 0 where the table does not say.</summary>
    public Boundary Starts(int partitions) => StartOffsets.Read(Table.Metadata, partitions, Table.Table);

    /// <summary>The archived end of every partition; its start for those that nothing was archived of.</summary>
    public Boundary EndOffsets(int partitions)
    {
        Boundary starts = Starts(partitions);
        return new Boundary(Enumerable.Range(0, partitions).Select(partition => EndOffset(partition) ?? starts[partition]));
    }
}

using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Merge;
using Lambda.Batch.History.SideTables;
using Lambda.Views;

namespace Lambda.Batch.History.Maintenance;

/// <summary>One of a stream's tables, as far as it is looked after without knowing what its rows mean.</summary>
/// <param name="Name">What it is called in reports: <c>events</c>, <c>quarantine</c>, <c>voids</c> or <c>deletions</c>.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="TimeColumn">The column that its files are sorted by, and whose date is the partition.</param>
internal sealed record TableShape(string Name, string Folder, string TimeColumn)
{
    /// <summary>What a row stands for.</summary>
    public RowMeaning Rows { get; init; } = RowMeaning.Record;

    /// <summary>The tables of a stream. That of deletions comes to be with the first one.</summary>
    public static IReadOnlyList<TableShape> Of(StreamDefinition stream) =>
    [
        EventsOf(stream),
        new("quarantine", HistoryLayout.QuarantineOf(stream.Name), HistorySchema.AppendedAt.Name),
        new("voids", HistoryLayout.VoidsOf(stream.Name), VoidTable.FoundAt.Name) { Rows = RowMeaning.OffsetRange },
        new("deletions", HistoryLayout.DeletionsOf(stream.Name), DeletionTable.DeletedAt.Name) { Rows = RowMeaning.OffsetRange },
    ];

    /// <summary>The table of a stream's events.</summary>
    public static TableShape EventsOf(StreamDefinition stream) => new("events", HistoryLayout.EventsOf(stream.Name), stream.EventTime.JsonName);

    /// <summary>The files of a version, with what the log tells about their rows.</summary>
    public IReadOnlyList<HistoryFile> FilesOf(DeltaSnapshot snapshot) => [.. snapshot.Files.Select(file => HistoryFile.From(file, TimeColumn))];

    /// <summary>The columns of a version.</summary>
    /// <exception cref="HistoryException">It is no table of a history.</exception>
    public TableLeaves LeavesOf(DeltaSnapshot snapshot)
    {
        if (!snapshot.Metadata.PartitionColumns.SequenceEqual([TableSchema.DateColumn]))
        {
            throw new HistoryException(
                $"The Delta table '{snapshot.Table}' is partitioned by [{string.Join(", ", snapshot.Metadata.PartitionColumns)}] instead of "
                + $"{TableSchema.DateColumn}: it is no history. Give the history another folder.");
        }

        return TableLeaves.Of(TableSchema.Parse(snapshot.Metadata.SchemaString, snapshot.Table), TimeColumn, snapshot.Table);
    }
}

/// <summary>What a row of a table stands for.</summary>
internal enum RowMeaning
{
    /// <summary>The record at its offset.</summary>
    Record,

    /// <summary>All offsets from its own to its end.</summary>
    OffsetRange,
}

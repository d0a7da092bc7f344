using ParquetSharp;
using ParquetSharp.IO;

namespace Lambda.Batch.History.Delta;

/// <summary>Reads and writes classic checkpoints: the state of a table as one Parquet row per action.</summary>
internal static class DeltaCheckpoint
{
    /// <summary>
    /// For how long a checkpoint tells that a file was removed; at least as long as any vacuum leaves such files, as it goes by that. Counted up to the time of the last commit, which never
    /// falls: so who looks later can tell whether a clock that was ahead has had some forgotten too early.
    /// </summary>
    public static readonly TimeSpan TombstoneRetention = TimeSpan.FromDays(30);

    /// <summary>Writes the state of a table.</summary>
    /// <param name="snapshot">The table; what was removed long before its last commit is left out.</param>
    /// <returns>The checkpoint, and what points to it.</returns>
    public static (byte[] Content, CheckpointPointer Pointer) Write(DeltaSnapshot snapshot)
    {
        long oldest = snapshot.Timestamp is { } last ? OldestTombstone(last) : long.MinValue;
        IReadOnlyList<DeltaAction> actions =
        [
            snapshot.Protocol,
            snapshot.Metadata,
            .. snapshot.TransactionActions,
            .. snapshot.Files.Select(file => file with { DataChange = false }),
            .. snapshot.Tombstones.Where(file => file.DeletionTimestamp >= oldest).Select(file => file with { DataChange = false }),
        ];
        byte[] content = CheckpointFile.Write(actions);
        return (content, new CheckpointPointer(snapshot.Version, actions.Count, snapshot.FileCount, content.Length, Crc32C.TextOf(content)));
    }

    /// <summary>When the oldest removals were that are told of after a commit, in milliseconds since 1970 both.</summary>
    public static long OldestTombstone(long committed) => committed - (long)TombstoneRetention.TotalMilliseconds;

    /// <summary>Reads the actions of a checkpoint or of one part of it.</summary>
    /// <param name="content">The file.</param>
    /// <param name="where">The file, as a message names it.</param>
    /// <exception cref="HistoryException">The file is damaged.</exception>
    public static List<DeltaAction> Read(byte[] content, string where)
    {
        try
        {
            List<DeltaAction> actions = [];
            using MemoryStream stream = new(content, writable: false);
            using ManagedRandomAccessFile file = new(stream);
            using ReaderProperties properties = ReaderProperties.GetDefaultReaderProperties();
            properties.EnablePageChecksumVerification();
            using ParquetFileReader reader = new(file, properties);
            for (int group = 0; group < reader.FileMetaData.NumRowGroups; group++)
            {
                using RowGroupReader rows = reader.RowGroup(group);
                ReadGroup(new NestedColumns(rows), checked((int)rows.MetaData.NumRows), actions);
            }

            return actions;
        }
        catch (Exception e) when (e is ParquetException or OverflowException or FormatException or IOException)
        {
            throw Damaged(where, e.Message, e);
        }
    }

    public static HistoryException Damaged(string where, string why, Exception? cause) => new(
        $"The checkpoint '{where}' is damaged: {why} Delete it if all commits before it are still there, or an older checkpoint and those after it; otherwise "
        + "restore it from a copy.",
        cause);

    private static void ReadGroup(NestedColumns columns, int rows, List<DeltaAction> actions)
    {
        for (int row = 0; row < rows; row++)
        {
            if (columns.Number("protocol.minReaderVersion", row) is { } minReader)
            {
                actions.Add(new DeltaProtocol(
                    (int)minReader,
                    (int)(columns.Number("protocol.minWriterVersion", row) ?? 0),
                    columns.Texts("protocol.readerFeatures.list.element", row)!,
                    columns.Texts("protocol.writerFeatures.list.element", row)!));
            }

            if (columns.Text("metaData.id", row) is { } id)
            {
                actions.Add(new DeltaMetadata(
                    id,
                    columns.Text("metaData.schemaString", row) ?? throw new FormatException("metaData has no schema."),
                    columns.Texts("metaData.partitionColumns.list.element", row)!,
                    columns.Map("metaData.configuration", row).ToDictionary(pair => pair.Key, pair => pair.Value ?? "", StringComparer.Ordinal),
                    columns.Number("metaData.createdTime", row) ?? 0));
            }

            if (columns.Text("add.path", row) is { } path)
            {
                actions.Add(new AddFile(
                    path,
                    columns.Map("add.partitionValues", row),
                    columns.Number("add.size", row) ?? 0,
                    columns.Number("add.modificationTime", row) ?? 0,
                    DataChange: false,
                    columns.Text("add.stats", row),
                    columns.Map("add.tags", row).ToDictionary(pair => pair.Key, pair => pair.Value ?? "", StringComparer.Ordinal))
                {
                    Vector = Vector(columns, "add", row),
                });
            }

            if (columns.Text("remove.path", row) is { } removed)
            {
                long? size = columns.Number("remove.size", row);
                actions.Add(new RemoveFile(removed, columns.Number("remove.deletionTimestamp", row) ?? 0, DataChange: false)
                {
                    PartitionValues = size is null ? null : columns.Map("remove.partitionValues", row),
                    Size = size,
                    Vector = Vector(columns, "remove", row),
                });
            }

            if (columns.Text("sidecar.path", row) is { } sidecar)
            {
                actions.Add(new SidecarFile(sidecar));
            }

            if (columns.Text("txn.appId", row) is { } application)
            {
                actions.Add(new AppTransaction(
                    application,
                    columns.Number("txn.version", row) ?? throw new FormatException("A txn has no version."),
                    columns.Number("txn.lastUpdated", row) ?? 0));
            }
        }
    }

    private static VectorPointer? Vector(NestedColumns columns, string action, int row) => columns.Text($"{action}.deletionVector.storageType", row) is { } storage
        ? new VectorPointer(
            storage,
            columns.Text($"{action}.deletionVector.pathOrInlineDv", row) ?? "",
            (int?)columns.Number($"{action}.deletionVector.offset", row),
            (int)(columns.Number($"{action}.deletionVector.sizeInBytes", row) ?? 0),
            columns.Number($"{action}.deletionVector.cardinality", row) ?? 0)
        : null;
}

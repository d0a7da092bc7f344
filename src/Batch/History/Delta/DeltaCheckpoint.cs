using ParquetSharp;
using ParquetSharp.IO;

namespace Lambda.Batch.History.Delta;

/// <summary>Reads classic checkpoints: the state of a table as one Parquet row per action.</summary>
internal static class DeltaCheckpoint
{
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
            using ParquetFileReader reader = new(file);
            for (int group = 0; group < reader.FileMetaData.NumRowGroups; group++)
            {
                using RowGroupReader rows = reader.RowGroup(group);
                ReadGroup(new NestedColumns(rows), checked((int)rows.MetaData.NumRows), actions);
            }

            return actions;
        }
        catch (Exception e) when (e is ParquetException or OverflowException or FormatException or IOException)
        {
            throw new HistoryException(
                $"The checkpoint '{where}' is damaged: {e.Message} Delete it if all commits before it are still there; otherwise restore it "
                + "from a copy.",
                e);
        }
    }

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
                if (columns.Text("add.deletionVector.storageType", row) is not null)
                {
                    throw DeltaJson.UnsupportedDeletionVector(path);
                }

                actions.Add(new AddFile(
                    path,
                    columns.Map("add.partitionValues", row),
                    columns.Number("add.size", row) ?? 0,
                    columns.Number("add.modificationTime", row) ?? 0,
                    DataChange: false,
                    columns.Text("add.stats", row),
                    columns.Map("add.tags", row).ToDictionary(pair => pair.Key, pair => pair.Value ?? "", StringComparer.Ordinal)));
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
}

using System.Globalization;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;

namespace Lambda.Batch.ForeignTables.Delta;

/// <summary>Reads the log of a Delta table of others.</summary>
internal static class DeltaTable
{
    /// <summary>What tables may ask of a reader: what is done here, and what asks nothing of one that only reads.</summary>
    private static readonly string[] Features =
    [
        ProtocolSupport.ColumnMapping, ProtocolSupport.DeletionVectors, ProtocolSupport.NewCheckpoints, "timestampNtz", "typeWidening", "typeWidening-preview",
        "vacuumProtocolCheck",
    ];

    /// <summary>Opens the table.</summary>
    public static async Task<ForeignTable> OpenAsync(string path, HistoryPoint point, CancellationToken cancellationToken)
    {
        TableFolder folder = new(path, "Delta");
        LocalObjectStorage storage = new(Path.GetDirectoryName(folder.Path) ?? folder.Path);
        DeltaLog log = new(storage, Path.GetFileName(folder.Path), TimeProvider.System, Features);
        DeltaSnapshot snapshot = await log.ReadAsync(point, cancellationToken).ConfigureAwait(false);
        string mapping = snapshot.Metadata.Configuration.GetValueOrDefault("delta.columnMapping.mode", "none");
        if (mapping is not ("none" or "name" or "id"))
        {
            throw folder.Unsupported($"columns that are mapped by '{mapping}'", "Have the engine write the table without it.");
        }

        IReadOnlyList<ForeignField> columns = DeltaSchema.Read(snapshot.Metadata.SchemaString, mapping != "none", folder);
        string[] partitions = [.. snapshot.Metadata.PartitionColumns.Select(name =>
            columns.FirstOrDefault(column => column.Name == name)?.NameInFiles ?? throw folder.Refuse($"has no column '{name}', which it is partitioned by. Restore its log from a copy"))];
        VectorFiles vectors = new(folder);
        List<ForeignFile> files = [];
        foreach (AddFile add in snapshot.Files)
        {
            files.Add(new ForeignFile(folder.Find(DeltaPaths.Decode(add.Path), "data file"))
            {
                Constants = partitions.ToDictionary(name => name, name => ValueOf(add, name, folder), StringComparer.Ordinal),
                ConstantsRule = true,
                Deleted = add.Vector is { } vector ? await vectors.ReadAsync(add.Path, vector, cancellationToken).ConfigureAwait(false) : null,
            });
        }

        return new ForeignTable
        {
            Name = folder.Name,
            Version = string.Create(CultureInfo.InvariantCulture, $"version {snapshot.Version}"),
            Columns = columns,
            HasFieldIds = mapping == "id",
            Files = files,
        };
    }

    /// <summary>The format has no empty values: what is written so is null.</summary>
    private static string? ValueOf(AddFile add, string partition, TableFolder folder) => add.PartitionValues.TryGetValue(partition, out string? value)
        ? value is { Length: > 0 } ? value : null
        : throw folder.Refuse($"does not tell the value of the partition column '{partition}' for the file '{add.Path}'. Restore its log from a copy");
}

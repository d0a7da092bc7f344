using System.Globalization;
using System.Text.Json;
using Avro.Generic;
using Lambda.Batch.ForeignTables.Avro;
using Lambda.Batch.ForeignTables.Deletions;
using Lambda.Batch.History;

namespace Lambda.Batch.ForeignTables.Iceberg;

/// <summary>Reads the metadata of an Iceberg table: from its newest metadata file by way of a snapshot's list of manifests to the files in these.</summary>
internal sealed class IcebergTable
{
    private const int DeletedEntry = 2;
    private const int PositionContent = 1;
    private const int EqualityContent = 2;

    private readonly TableFolder _folder;
    private readonly IcebergMetadata _metadata;
    private readonly List<ForeignFile> _files = [];
    private readonly List<PositionDeletes> _positions = [];
    private readonly List<EqualityDeletes> _values = [];
    private readonly Dictionary<string, (AvroRow File, long Sequence)> _vectors = new(StringComparer.Ordinal);

    private IcebergTable(TableFolder folder, IcebergMetadata metadata)
    {
        _folder = folder;
        _metadata = metadata;
    }

    /// <summary>Opens the table.</summary>
    public static async Task<ForeignTable> OpenAsync(string path, HistoryPoint point, CancellationToken cancellationToken)
    {
        TableFolder folder = new(path, "Iceberg");
        using IcebergMetadata metadata = await IcebergMetadata.ReadAsync(folder, cancellationToken).ConfigureAwait(false);
        IcebergTable table = new(folder, metadata);
        JsonElement? snapshot = metadata.Read(() => metadata.Snapshot(point));
        if (snapshot is { } found)
        {
            await table.ReadAsync(found, cancellationToken).ConfigureAwait(false);
        }

        return new ForeignTable
        {
            Name = folder.Name,
            Version = snapshot is { } at ? metadata.Read(() => $"snapshot {at.GetProperty("snapshot-id").GetRawText()}") : "without any snapshot",
            Columns = metadata.Read(() => metadata.Columns(snapshot, point)),
            HasFieldIds = true,
            Files = await table.WithVectorsAsync(cancellationToken).ConfigureAwait(false),
            PositionDeletes = table._positions,
            EqualityDeletes = table._values,
        };
    }

    private async Task ReadAsync(JsonElement snapshot, CancellationToken cancellationToken)
    {
        string list = _metadata.Read(() => snapshot.TryGetProperty("manifest-list", out JsonElement path)
            ? _metadata.Relative(path.GetString()!)
            : throw _folder.Unsupported("a snapshot that lists its manifests in the metadata file", "Have an engine write a new snapshot."));
        foreach (AvroRow manifest in AvroFile.Read(await _folder.ReadAsync(list, "list of manifests", cancellationToken).ConfigureAwait(false), _folder, list))
        {
            (string name, long specification, long sequence) = Sensible(list, () =>
                (_metadata.Relative(manifest.Text("manifest_path")), manifest.Number("partition_spec_id"), manifest.Find("sequence_number") ?? 0));
            EnsureReadable(manifest, name);
            IReadOnlyList<(int Source, string Transform)> partitioning = _metadata.Read(() => _metadata.Partitioning(specification));
            byte[] content = await _folder.ReadAsync(name, "manifest", cancellationToken).ConfigureAwait(false);
            foreach (AvroRow entry in AvroFile.Read(content, _folder, name))
            {
                Sensible(name, () =>
                {
                    Add(entry, specification, partitioning, sequence);
                    return true;
                });
            }
        }
    }

    /// <summary>Takes an entry of a manifest. One that was added with the manifest has the manifest's place in the order of changes.</summary>
    private void Add(AvroRow entry, long specification, IReadOnlyList<(int Source, string Transform)> partitioning, long sequenceOfManifest)
    {
        if (entry.Number("status") == DeletedEntry)
        {
            return;
        }

        AvroRow file = entry.Row("data_file");
        long sequence = entry.Find("sequence_number") ?? sequenceOfManifest;
        string stored = file.Text("file_path");
        EnsureReadable(file, stored);
        string format = file.Text("file_format").ToUpperInvariant();
        long content = file.Find("content") ?? 0;
        if (content == PositionContent && format == "PUFFIN")
        {
            if (!_vectors.TryAdd(IcebergMetadata.Plain(file.Text("referenced_data_file")), (file, sequence)))
            {
                throw new FormatException($"'{file.Text("referenced_data_file")}' has two deletion vectors");
            }

            return;
        }

        if (format != "PARQUET")
        {
            throw _folder.Unsupported($"the file '{stored}' in the format {format}", "Files are read in Parquet; have the engine rewrite it so.");
        }

        (string partition, Dictionary<string, string?> constants) = Partition(file, specification, partitioning);
        string path = _folder.Find(_metadata.Relative(stored), content == 0 ? "data file" : "file of deletions");
        switch (content)
        {
            case PositionContent:
                _positions.Add(new PositionDeletes(path, sequence));
                break;
            case EqualityContent:
                _values.Add(new EqualityDeletes(path, EqualityColumns(file), sequence, IsNone(partitioning) ? null : partition));
                break;
            default:
                _files.Add(new ForeignFile(path) { StoredPath = IcebergMetadata.Plain(stored), Sequence = sequence, Partition = partition, Constants = constants });
                break;
        }
    }

    /// <summary>Whether there is one partition: a field that was dropped stays, as one without values, in tables that were of version 1 then.</summary>
    private static bool IsNone(IReadOnlyList<(int Source, string Transform)> partitioning) => partitioning.All(field => field.Transform == "void");

    private List<ForeignField> EqualityColumns(AvroRow file)
    {
        IReadOnlyList<ForeignField> all = _metadata.AllColumns();
        List<ForeignField> columns = [];
        foreach (object id in file["equality_ids"] as object[] ?? [])
        {
            int number = Convert.ToInt32(id, CultureInfo.InvariantCulture);
            columns.Add(all.FirstOrDefault(column => column.Id == number && column.Type is ForeignType.Scalar)
                ?? throw _folder.Unsupported($"rows that are deleted by values of a column within another, or of a type that is not read (field {number})", "Have the engine rewrite its data files."));
        }

        return columns.Count > 0 ? columns : throw new FormatException("a file of deletions by values has no columns");
    }

    /// <summary>The partition of a file, and the values of those columns that are partitioned by as they are.</summary>
    private (string Partition, Dictionary<string, string?> Constants) Partition(AvroRow file, long specification, IReadOnlyList<(int Source, string Transform)> partitioning)
    {
        (string Name, object? Value)[] values = partitioning.Count == 0 ? [] : [.. file.Row("partition").Fields];
        if (values.Length != partitioning.Count)
        {
            throw new FormatException($"a file has {values.Length} partition values, where its partitioning has {partitioning.Count}");
        }

        Dictionary<string, string?> constants = new(StringComparer.Ordinal);
        List<string> texts = [specification.ToString(CultureInfo.InvariantCulture)];
        for (int i = 0; i < values.Length; i++)
        {
            string? text = PartitionValue.Text(values[i].Value);
            texts.Add(text is null ? "-" : $"{text.Length}:{text}");
            if (partitioning[i].Transform == "identity")
            {
                constants[partitioning[i].Source.ToString(CultureInfo.InvariantCulture)] = values[i].Value is byte[] or GenericFixed
                    ? throw _folder.Unsupported($"a partition by the binary column of the field {partitioning[i].Source}", "Have the engine partition it otherwise.")
                    : text;
            }
        }

        return (string.Join('/', texts), constants);
    }

    /// <summary>The data files with their deletion vectors, which are parts of files that have several.</summary>
    private async Task<IReadOnlyList<ForeignFile>> WithVectorsAsync(CancellationToken cancellationToken)
    {
        List<ForeignFile> files = [];
        foreach (ForeignFile file in _files)
        {
            files.Add(_vectors.TryGetValue(file.StoredPath, out (AvroRow File, long Sequence) vector) && vector.Sequence >= file.Sequence
                ? file with { Deleted = await PuffinVector.ReadAsync(vector.File, _folder, _metadata, cancellationToken).ConfigureAwait(false) }
                : file);
        }

        return files;
    }

    private void EnsureReadable(AvroRow file, string name)
    {
        if (file["key_metadata"] is not null)
        {
            throw _folder.Unsupported($"the file '{name}', which is encrypted", "Have the engine write it without encryption.");
        }
    }

    private T Sensible<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is FormatException or InvalidCastException or OverflowException)
        {
            throw _folder.Refuse($"has the file '{name}', which makes no sense: {error.Message.TrimEnd('.')}. Restore it from a copy, or read another snapshot", error);
        }
    }
}

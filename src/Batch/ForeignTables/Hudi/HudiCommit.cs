using System.Text.Json;
using Lambda.Batch.ForeignTables.Avro;

namespace Lambda.Batch.ForeignTables.Hudi;

/// <summary>What a write tells of itself.</summary>
/// <param name="Writes">The parts of file groups that it wrote.</param>
/// <param name="Replaced">The file groups that it put others in the place of.</param>
/// <param name="Schema">The table's columns, as a schema of Avro; null when it does not tell.</param>
internal sealed record HudiCommit(IReadOnlyList<HudiWrite> Writes, IReadOnlyList<(string Partition, string Group)> Replaced, string? Schema)
{
    /// <summary>Reads it from JSON or Avro, whichever the table has.</summary>
    /// <exception cref="ForeignTableException">It is damaged.</exception>
    public static async Task<HudiCommit> ReadAsync(TableFolder folder, HudiInstant instant, CancellationToken cancellationToken)
    {
        byte[] content = await folder.ReadAsync(instant.File, "commit", cancellationToken).ConfigureAwait(false);
        if (instant.Completed is not null)
        {
            return AvroFile.Read(content, folder, instant.File) is [var row]
                ? FromAvro(row)
                : throw folder.Refuse($"has the commit '{instant.File}', which is not one record. Restore it from a copy");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            return FromJson(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw folder.Refuse($"has the commit '{instant.File}', which makes no sense: {error.Message.TrimEnd('.')}. Restore it from a copy", error);
        }
    }

    private static HudiCommit FromAvro(AvroRow row) => new(
        [
            .. Map(row["partitionToWriteStats"]).SelectMany(partition => ((object[])partition.Value).Select(stat => new AvroRow((global::Avro.Generic.GenericRecord)stat))
                .Select(stat => new HudiWrite(partition.Key, stat["fileId"] as string ?? "", stat["path"] as string ?? "", stat["prevCommit"] as string)
                {
                    Size = stat.Find("fileSizeInBytes") ?? 0,
                    Logs = [.. (stat["logFiles"] as object[] ?? []).OfType<string>()],
                })),
        ],
        [.. Map(row["partitionToReplaceFileIds"]).SelectMany(partition => ((object[])partition.Value).Select(group => (partition.Key, (string)group)))],
        Map(row["extraMetadata"]).TryGetValue("schema", out object? schema) ? schema as string : null);

    private static HudiCommit FromJson(JsonElement root) => new(
        [
            .. Properties(root, "partitionToWriteStats").SelectMany(partition => partition.Value.EnumerateArray().Select(stat => new HudiWrite(
                partition.Name, Text(stat, "fileId") ?? "", Text(stat, "path") ?? "", Text(stat, "prevCommit"))
            {
                Size = stat.TryGetProperty("fileSizeInBytes", out JsonElement size) && size.ValueKind == JsonValueKind.Number ? size.GetInt64() : 0,
                Logs = stat.TryGetProperty("logFiles", out JsonElement logs) && logs.ValueKind == JsonValueKind.Array ? [.. logs.EnumerateArray().Select(log => log.GetString()!)] : [],
            })),
        ],
        [.. Properties(root, "partitionToReplaceFileIds").SelectMany(partition => partition.Value.EnumerateArray().Select(group => (partition.Name, group.GetString()!)))],
        Properties(root, "extraMetadata").Where(entry => entry.Name == "schema").Select(entry => entry.Value.GetString()).FirstOrDefault());

    private static IDictionary<string, object> Map(object? value) => value as IDictionary<string, object> ?? new Dictionary<string, object>();

    private static JsonElement.ObjectEnumerator Properties(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement found) && found.ValueKind == JsonValueKind.Object ? found.EnumerateObject() : default;

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
}

/// <summary>A part of a file group that was written.</summary>
/// <param name="Partition">The folder, relative to the table.</param>
/// <param name="Group">The file group.</param>
/// <param name="Path">The file, relative to the table.</param>
/// <param name="Previous">The write that the group had before; null or the text <c>null</c> for a new one.</param>
internal sealed record HudiWrite(string Partition, string Group, string Path, string? Previous)
{
    /// <summary>How many bytes the file had then; 0 when that is not told.</summary>
    public long Size { get; init; }

    /// <summary>The names of all logs that the group had then.</summary>
    public IReadOnlyList<string> Logs { get; init; } = [];

    /// <summary>Whether a whole file was written, and not a log of changes.</summary>
    public bool IsBase => Path.EndsWith(".parquet", StringComparison.Ordinal);

    /// <summary>Whether the group is new.</summary>
    public bool IsNew => Previous is null or "" or "null";
}

using System.Text.Json;

namespace Lambda.Batch.History.Delta;

/// <summary>Actions as JSON properties: <c>"add": {…}</c> and so on.</summary>
internal static class DeltaJson
{
    /// <summary>Writes an action as a property of the object that is open.</summary>
    public static void Write(Utf8JsonWriter json, DeltaAction action)
    {
        switch (action)
        {
            case DeltaProtocol protocol:
                WriteProtocol(json, protocol);
                break;
            case DeltaMetadata metadata:
                WriteMetadata(json, metadata);
                break;
            case AddFile add:
                WriteAdd(json, add);
                break;
            case RemoveFile remove:
                WriteRemove(json, remove);
                break;
            case AppTransaction transaction:
                json.WriteStartObject("txn");
                json.WriteString("appId", transaction.AppId);
                json.WriteNumber("version", transaction.Version);
                json.WriteNumber("lastUpdated", transaction.LastUpdated);
                json.WriteEndObject();
                break;
            default:
                throw new ArgumentException($"No JSON form of {action.GetType().Name} is known.", nameof(action));
        }
    }

    /// <summary>Reads the action of a line; null when it is one that a reader may ignore.</summary>
    /// <param name="line">The line.</param>
    public static DeltaAction? Read(JsonElement line)
    {
        foreach (JsonProperty property in line.EnumerateObject())
        {
            JsonElement value = property.Value;
            switch (property.Name)
            {
                case "protocol":
                    return new DeltaProtocol(
                        value.GetProperty("minReaderVersion").GetInt32(),
                        value.GetProperty("minWriterVersion").GetInt32(),
                        Strings(value, "readerFeatures"),
                        Strings(value, "writerFeatures"));
                case "metaData":
                    return new DeltaMetadata(
                        Text(value, "id"),
                        Text(value, "schemaString"),
                        Strings(value, "partitionColumns"),
                        Map(value, "configuration").ToDictionary(pair => pair.Key, pair => pair.Value ?? "", StringComparer.Ordinal),
                        Number(value, "createdTime"));
                case "add":
                    return ReadAdd(value);
                case "remove":
                    return new RemoveFile(Text(value, "path"), Number(value, "deletionTimestamp"), Flag(value, "dataChange"))
                    {
                        PartitionValues = Has(value, "partitionValues") ? Map(value, "partitionValues") : null,
                        Size = Has(value, "size") ? value.GetProperty("size").GetInt64() : null,
                        Vector = Vector(value),
                    };
                case "sidecar":
                    return new SidecarFile(Text(value, "path"));
                case "txn":
                    return new AppTransaction(Text(value, "appId"), value.GetProperty("version").GetInt64(), Number(value, "lastUpdated"));
                case "commitInfo":
                    return new CommitInfo(
                        Has(value, "inCommitTimestamp") ? Number(value, "inCommitTimestamp") : Has(value, "timestamp") ? Number(value, "timestamp") : null,
                        value.TryGetProperty("operation", out JsonElement operation) ? operation.GetString() : null);
            }
        }

        return null;
    }

    private static AddFile ReadAdd(JsonElement value) => new(
        Text(value, "path"),
        Map(value, "partitionValues"),
        value.GetProperty("size").GetInt64(),
        Number(value, "modificationTime"),
        Flag(value, "dataChange"),
        value.TryGetProperty("stats", out JsonElement stats) ? stats.GetString() : null,
        Map(value, "tags").ToDictionary(pair => pair.Key, pair => pair.Value ?? "", StringComparer.Ordinal))
    {
        Vector = Vector(value),
    };

    private static VectorPointer? Vector(JsonElement value) => Has(value, "deletionVector") && value.GetProperty("deletionVector") is var vector
        ? new VectorPointer(
            Text(vector, "storageType"),
            Has(vector, "pathOrInlineDv") ? Text(vector, "pathOrInlineDv") : "",
            Has(vector, "offset") ? vector.GetProperty("offset").GetInt32() : null,
            vector.GetProperty("sizeInBytes").GetInt32(),
            Number(vector, "cardinality"))
        : null;

    private static void WriteProtocol(Utf8JsonWriter json, DeltaProtocol protocol)
    {
        json.WriteStartObject("protocol");
        json.WriteNumber("minReaderVersion", protocol.MinReaderVersion);
        json.WriteNumber("minWriterVersion", protocol.MinWriterVersion);
        if (protocol.MinReaderVersion >= 3)
        {
            WriteStrings(json, "readerFeatures", protocol.ReaderFeatures);
        }

        if (protocol.MinWriterVersion >= 7)
        {
            WriteStrings(json, "writerFeatures", protocol.WriterFeatures);
        }

        json.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter json, DeltaMetadata metadata)
    {
        json.WriteStartObject("metaData");
        json.WriteString("id", metadata.Id);
        json.WriteStartObject("format");
        json.WriteString("provider", "parquet");
        json.WriteStartObject("options");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteString("schemaString", metadata.SchemaString);
        WriteStrings(json, "partitionColumns", metadata.PartitionColumns);
        WriteMap(json, "configuration", metadata.Configuration!);
        json.WriteNumber("createdTime", metadata.CreatedTime);
        json.WriteEndObject();
    }

    private static void WriteAdd(Utf8JsonWriter json, AddFile add)
    {
        json.WriteStartObject("add");
        json.WriteString("path", add.Path);
        WriteMap(json, "partitionValues", add.PartitionValues);
        json.WriteNumber("size", add.Size);
        json.WriteNumber("modificationTime", add.ModificationTime);
        json.WriteBoolean("dataChange", add.DataChange);
        if (add.StatsJson is { } stats)
        {
            json.WriteString("stats", stats.Span);
        }

        if (add.Tags.Count > 0)
        {
            WriteMap(json, "tags", add.Tags!);
        }

        json.WriteEndObject();
    }

    private static void WriteRemove(Utf8JsonWriter json, RemoveFile remove)
    {
        json.WriteStartObject("remove");
        json.WriteString("path", remove.Path);
        json.WriteNumber("deletionTimestamp", remove.DeletionTimestamp);
        json.WriteBoolean("dataChange", remove.DataChange);
        if (remove is { PartitionValues: { } values, Size: { } size })
        {
            json.WriteBoolean("extendedFileMetadata", true);
            WriteMap(json, "partitionValues", values);
            json.WriteNumber("size", size);
        }

        json.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string?> map)
    {
        json.WriteStartObject(name);
        foreach ((string key, string? value) in map)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static string Text(JsonElement value, string name) =>
        value.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null");

    private static long Number(JsonElement value, string name) =>
        value.TryGetProperty(name, out JsonElement number) && number.ValueKind == JsonValueKind.Number ? number.GetInt64() : 0;

    private static bool Has(JsonElement value, string name) =>
        value.TryGetProperty(name, out JsonElement found) && found.ValueKind != JsonValueKind.Null;

    private static bool Flag(JsonElement value, string name) => value.TryGetProperty(name, out JsonElement flag) && flag.GetBoolean();

    private static string[] Strings(JsonElement value, string name) =>
        value.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "")]
            : [];

    private static Dictionary<string, string?> Map(JsonElement value, string name) =>
        value.TryGetProperty(name, out JsonElement map) && map.ValueKind == JsonValueKind.Object
            ? map.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetString(), StringComparer.Ordinal)
            : new Dictionary<string, string?>(StringComparer.Ordinal);
}

using System.Globalization;
using System.Text.Json;
using Lambda.Batch.History;

namespace Lambda.Batch.ForeignTables.Iceberg;

/// <summary>The metadata of an Iceberg table: schemas, partitionings and snapshots.</summary>
internal sealed class IcebergMetadata : IDisposable
{
    private const int NewestFormat = 3;

    private readonly TableFolder _folder;
    private readonly string _name;
    private readonly JsonDocument _document;
    private readonly string _location;

    private IcebergMetadata(TableFolder folder, string name, JsonDocument document)
    {
        _folder = folder;
        _name = name;
        _document = document;
        _location = Plain(Root.GetProperty("location").GetString()!).TrimEnd('/');
    }

    private JsonElement Root => _document.RootElement;

    /// <summary>Reads the newest metadata of a table.</summary>
    public static async Task<IcebergMetadata> ReadAsync(TableFolder folder, CancellationToken cancellationToken)
    {
        (string name, byte[] json) = await MetadataFile.ReadNewestAsync(folder, cancellationToken).ConfigureAwait(false);
        return Guard(folder, name, () =>
        {
            JsonDocument document = JsonDocument.Parse(json);
            int format = document.RootElement.GetProperty("format-version").GetInt32();
            return format is >= 1 and <= NewestFormat
                ? new IcebergMetadata(folder, name, document)
                : throw folder.Unsupported($"the format version {format}", $"Versions 1 to {NewestFormat} are; have the engine write it in one of them.");
        });
    }

    public void Dispose() => _document.Dispose();

    /// <summary>Reads something of the metadata; what makes no sense ends in an error that names the file.</summary>
    public T Read<T>(Func<T> read) => Guard(_folder, _name, read);

    /// <summary>The snapshot of a point of the past; null for an empty table without any.</summary>
    public JsonElement? Snapshot(HistoryPoint point) => point switch
    {
        HistoryPoint.AtVersion at => SnapshotOf(at.Number),
        HistoryPoint.AtTime at => SnapshotOf(IdAt(at.Instant)),
        _ => Root.TryGetProperty("current-snapshot-id", out JsonElement current) && current.ValueKind == JsonValueKind.Number && current.GetInt64() != -1
            ? SnapshotOf(current.GetInt64())
            : null,
    };

    /// <summary>The columns as they are called now, or were when a snapshot was made.</summary>
    public IReadOnlyList<ForeignField> Columns(JsonElement? snapshot, HistoryPoint point)
    {
        int? id = point != HistoryPoint.Now && snapshot is { } made && made.TryGetProperty("schema-id", out JsonElement then) ? then.GetInt32()
            : Root.TryGetProperty("current-schema-id", out JsonElement now) ? now.GetInt32()
            : null;
        return IcebergSchema.Fields(id is null
            ? Root.GetProperty("schema")
            : Root.GetProperty("schemas").EnumerateArray().First(schema => schema.GetProperty("schema-id").GetInt32() == id));
    }

    /// <summary>All columns that the table has or had, the newest first.</summary>
    public IReadOnlyList<ForeignField> AllColumns() => Root.TryGetProperty("schemas", out JsonElement schemas)
        ? [.. schemas.EnumerateArray().Reverse().SelectMany(IcebergSchema.Fields)]
        : IcebergSchema.Fields(Root.GetProperty("schema"));

    /// <summary>A partitioning: source column and transform of each of its fields.</summary>
    public IReadOnlyList<(int Source, string Transform)> Partitioning(long id)
    {
        JsonElement fields = Root.TryGetProperty("partition-specs", out JsonElement specs)
            ? specs.EnumerateArray().First(spec => spec.GetProperty("spec-id").GetInt64() == id).GetProperty("fields")
            : Root.GetProperty("partition-spec");
        return
        [
            .. fields.EnumerateArray().Select(each =>
                (each.TryGetProperty("source-id", out JsonElement source)
                    ? source.GetInt32()
                    : throw _folder.Unsupported("a partition that is made of several columns", "Have the engine partition it otherwise."),
                each.GetProperty("transform").GetString()!)),
        ];
    }

    /// <summary>The name of a file, relative to the table, from the absolute one of where the table was written.</summary>
    /// <exception cref="ForeignTableException">It was written elsewhere.</exception>
    public string Relative(string stored)
    {
        string path = Plain(stored);
        return path.StartsWith(_location + "/", StringComparison.Ordinal)
            ? path[(_location.Length + 1)..]
            : throw _folder.Unsupported($"the file '{stored}', which lies outside of its location '{_location}'", "Copy the table whole, or have the engine rewrite its data files.");
    }

    /// <summary>A location without what only says that it is of a file system, which writers spell in several ways.</summary>
    public static string Plain(string location) =>
        location.StartsWith("file:", StringComparison.Ordinal) ? "/" + location["file:".Length..].TrimStart('/') : location;

    private JsonElement SnapshotOf(long id)
    {
        JsonElement[] snapshots = Snapshots();
        foreach (JsonElement snapshot in snapshots)
        {
            if (snapshot.GetProperty("snapshot-id").GetInt64() == id)
            {
                return snapshot;
            }
        }

        string known = string.Join(", ", snapshots.TakeLast(10).Select(snapshot => snapshot.GetProperty("snapshot-id").GetRawText()));
        throw _folder.Refuse(
            $"has no snapshot {id.ToString(CultureInfo.InvariantCulture)}; {(snapshots.Length == 0 ? "it has none at all" : $"its last ones are {known}")}. It may have expired. Give another one, or a time");
    }

    private long IdAt(DateTimeOffset instant)
    {
        // What was the current snapshot when, which goes back where somebody has rolled back; the list of snapshots does not tell.
        (long Time, long Id)[] log =
        [
            .. Root.TryGetProperty("snapshot-log", out JsonElement entries) && entries.GetArrayLength() > 0
                ? entries.EnumerateArray().Select(entry => (entry.GetProperty("timestamp-ms").GetInt64(), entry.GetProperty("snapshot-id").GetInt64()))
                : Ancestors().Reverse(),
        ];
        (long Time, long Id)[] before = [.. log.Where(entry => entry.Time <= instant.ToUnixTimeMilliseconds())];
        return before.Length > 0
            ? before.OrderBy(entry => entry.Time).Last().Id
            : throw _folder.Refuse(
                $"has no snapshot of {instant.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}"
                + (log.Length > 0 ? $"; its oldest one that is known is of {DateTimeOffset.FromUnixTimeMilliseconds(log.Min(entry => entry.Time)).UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}" : "")
                + ". Give a later time");
    }

    private IEnumerable<(long Time, long Id)> Ancestors()
    {
        HashSet<long> seen = [];
        for (JsonElement? at = Snapshot(HistoryPoint.Now); at is { } snapshot && seen.Add(snapshot.GetProperty("snapshot-id").GetInt64());)
        {
            yield return (snapshot.GetProperty("timestamp-ms").GetInt64(), snapshot.GetProperty("snapshot-id").GetInt64());
            at = null;
            if (snapshot.TryGetProperty("parent-snapshot-id", out JsonElement parent) && parent.ValueKind == JsonValueKind.Number)
            {
                foreach (JsonElement other in Snapshots().Where(other => other.GetProperty("snapshot-id").GetInt64() == parent.GetInt64()))
                {
                    at = other;
                }
            }
        }
    }

    private JsonElement[] Snapshots() => Root.TryGetProperty("snapshots", out JsonElement snapshots) && snapshots.ValueKind == JsonValueKind.Array ? [.. snapshots.EnumerateArray()] : [];

    private static T Guard<T>(TableFolder folder, string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw folder.Refuse($"has the metadata file '{name}', which makes no sense: {error.Message.TrimEnd('.')}. Restore it from a copy", error);
        }
    }
}

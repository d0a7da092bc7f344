using System.Globalization;
using Avro.IO;
using Lambda.Batch.ForeignTables;
using Lambda.Batch.ForeignTables.Rows;
using Lambda.Batch.History;

namespace Lambda.Batch.Tests.ForeignTables.Hudi;

/// <summary>A table of version 6 with one file group, of which what was written is put together here.</summary>
internal sealed class LoggedTable : IDisposable
{
    /// <summary>The columns: a key, what orders changes, a text, and a mark of deleted rows.</summary>
    public const string Schema =
        """
        {"type":"record","name":"r","fields":[{"name":"_hoodie_record_key","type":["null","string"]},{"name":"_hoodie_is_deleted","type":["null","boolean"]},
        {"name":"event_id","type":["null","string"]},{"name":"revision","type":["null","long"]},{"name":"page","type":["null","string"]}]}
        """;

    private const string Partition = "p=1";

    private readonly TemporaryFolder _folder = new();

    public LoggedTable(string settings = "hoodie.table.ordering.fields=revision", string schema = Schema)
    {
        Directory.CreateDirectory(Path.Combine(Folder, ".hoodie"));
        Directory.CreateDirectory(Path.Combine(Folder, Partition));
        File.WriteAllText(
            Path.Combine(Folder, ".hoodie", "hoodie.properties"),
            $"hoodie.table.version=6\nhoodie.table.type=MERGE_ON_READ\nhoodie.table.timeline.timezone=UTC\n{settings}\nhoodie.table.create.schema={schema.ReplaceLineEndings("")}\n");
    }

    public string Folder => Path.Combine(_folder.Path, "table");

    /// <summary>The instant of a number.</summary>
    public static string At(int number) => string.Create(CultureInfo.InvariantCulture, $"20260101000000{number:000}");

    /// <summary>A record.</summary>
    public static Action<BinaryEncoder> Row(string key, long? revision, string? page, bool? deleted = null) => encoder =>
    {
        Text(encoder, key);
        encoder.WriteLong(deleted is null ? 0 : 1);
        if (deleted is { } mark)
        {
            encoder.WriteBoolean(mark);
        }

        Text(encoder, key);
        encoder.WriteLong(revision is null ? 0 : 1);
        if (revision is { } number)
        {
            encoder.WriteLong(number);
        }

        Text(encoder, page);
    };

    /// <summary>The ordering value of a deletion; without a number, that it has none.</summary>
    public static Action<BinaryEncoder> Ordering(long? revision) => encoder =>
    {
        encoder.WriteLong(revision is null ? 2 : 3);
        encoder.WriteLong(revision ?? 0);
    };

    /// <summary>The whole file that a write made, of SQL with the columns key, revision and page, and that it was completed.</summary>
    public void WriteBase(int number, string sql)
    {
        string path = Path.Combine(Folder, Partition, $"g-0_0-0-0_{At(number)}.parquet");
        Duck.Query(
            $"COPY (SELECT key AS _hoodie_record_key, key AS event_id, revision::BIGINT AS revision, page::VARCHAR AS page FROM ({sql}) t(key, revision, page)) TO '{path}' (FORMAT parquet)");
        Complete(number);
    }

    /// <summary>A log of the group, in which a number stands for the write of its whole file.</summary>
    public string WriteLog(int number, int version, params byte[][] blocks)
    {
        string path = Path.Combine(Folder, Partition, $".g-0_{At(number)}.log.{version}_0-0-0");
        File.WriteAllBytes(path, [.. blocks.SelectMany(block => block)]);
        return path;
    }

    /// <summary>That a write was completed.</summary>
    public void Complete(params int[] numbers)
    {
        foreach (int number in numbers)
        {
            WriteInstant($"{At(number)}.deltacommit");
        }
    }

    /// <summary>A file of the timeline.</summary>
    public void WriteInstant(string name) => File.WriteAllText(Path.Combine(Folder, ".hoodie", name), """{"partitionToWriteStats":{}}""");

    /// <summary>Takes a completed write from the timeline.</summary>
    public void Archive(int number) => Archive(At(number));

    /// <inheritdoc cref="Archive(int)"/>
    public void Archive(string instant) => File.Delete(Path.Combine(Folder, ".hoodie", $"{instant}.deltacommit"));

    /// <summary>That a write was begun.</summary>
    public void Begin(int number) => File.WriteAllText(Path.Combine(Folder, ".hoodie", $"{At(number)}.deltacommit.inflight"), "");

    /// <summary>The rows, as <c>key:revision:page</c>, by their keys.</summary>
    public Task<string> ReadAsync(int? point = null) => ReadAsync(point is { } number ? At(number) : null);

    /// <inheritdoc cref="ReadAsync(int?)"/>
    public async Task<string> ReadAsync(string? instant)
    {
        ForeignTable table = await OpenAsync(instant);
        List<string> found = [];
        await using ForeignRows rows = await ForeignRows.OpenAsync(table, table.Columns, [0], TestContext.Current.CancellationToken);
        while (rows.Read())
        {
            found.Add(string.Join(':', table.Columns.Select((_, i) => rows.Row.IsDBNull(i) ? "" : Convert.ToString(rows.Row.GetValue(i), CultureInfo.InvariantCulture))));
        }

        return string.Join(' ', found);
    }

    public Task<ForeignTable> OpenAsync(string? instant = null) =>
        TableFinder.OpenAsync(Folder, instant is null ? HistoryPoint.Now : HistoryPoint.Parse(instant)!, TestContext.Current.CancellationToken);

    /// <summary>The table must be refused by name with these words.</summary>
    public async Task MustBeRefusedAsync(params string[] words)
    {
        string message = (await Assert.ThrowsAsync<ForeignTableException>(() => ReadAsync())).Message;
        Assert.All(words.Append(Folder), word => Assert.Contains(word, message, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private static void Text(BinaryEncoder encoder, string? text)
    {
        encoder.WriteLong(text is null ? 0 : 1);
        if (text is not null)
        {
            encoder.WriteString(text);
        }
    }
}

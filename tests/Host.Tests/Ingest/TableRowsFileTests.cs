using System.Text.Json;
using Lambda.Batch.History;
using Lambda.Host.Tests.Support;
using Lambda.Hosting.Ingest;
using Lambda.Views;
using Xunit;

namespace Lambda.Host.Tests.Ingest;

/// <summary>Tables of one file each; what tables of others are like is tested where they are read.</summary>
public sealed class TableRowsFileTests : IDisposable
{
    private const string PlaceType = """{"type":"struct","fields":[{"name":"CITY","type":"string","nullable":true,"metadata":{}},{"name":"zip","type":"string","nullable":true,"metadata":{}}]}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rows_come_in_the_order_of_event_time_as_their_members_are_named()
    {
        string table = Write(
            """
            SELECT 'b' AS "ID", TIMESTAMPTZ '1969-12-31 23:59:59.999999+00' AS "at", 7::BIGINT AS whole, 0.1::DOUBLE AS "real", '12345678901234567890.1200'::DECIMAL(38, 4) AS exact, true AS flag, NULL AS "text", 1 AS other
            UNION ALL SELECT 'c', TIMESTAMPTZ '2024-01-01 01:00:00+01', NULL, 'nan'::DOUBLE, NULL, NULL, 'ä"', 2
            UNION ALL SELECT 'a', TIMESTAMPTZ '2024-01-01 00:00:00+00', 1, 2, 3, false, 'x', 3
            """,
            ("ID", "\"string\""), ("at", "\"timestamp\""), ("whole", "\"long\""), ("real", "\"double\""), ("exact", "\"decimal(38,4)\""), ("flag", "\"boolean\""),
            ("text", "\"string\""), ("other", "\"integer\""));

        List<(string Key, string Value)> records = await ReadAsync(table, Streams.Readings);

        Assert.Equal(["b", "a", "c"], records.Select(record => record.Key));
        Assert.Equal(
            """{"id":"b","at":"1969-12-31T23:59:59.999999Z","whole":7,"real":0.1,"exact":12345678901234567890.1200,"flag":true,"text":null}""", records[0].Value);
        Assert.Equal("""{"id":"c","at":"2024-01-01T00:00:00Z","whole":null,"real":"NaN","exact":null,"flag":null,"text":"ä\""}""", records[2].Value);
        Assert.Equal(records[1..], await ReadAsync(table, Streams.Readings, skip: 1));
    }

    [Fact]
    public async Task Objects_arrays_and_dates_come_as_the_event_has_them()
    {
        string table = Write(
            """SELECT 'a' AS id, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS "at", {'CITY': 'Bern', 'zip': '3000'} AS address, ['x', NULL] AS tags, DATE '2024-02-29' AS due""",
            ("id", "\"string\""), ("at", "\"timestamp\""), ("address", PlaceType), ("tags", """{"type":"array","elementType":"string","containsNull":true}"""), ("due", "\"date\""));

        Assert.Equal(
            """{"id":"a","at":"2024-01-01T00:00:00Z","address":{"city":"Bern"},"tags":["x",null],"due":"2024-02-29"}""",
            Assert.Single(await ReadAsync(table, Streams.Parcels)).Value);
    }

    [Theory]
    [InlineData("id", "\"string\"", "has no column 'at', which every event of stream 'parcels' needs")]
    [InlineData("at", "\"string\"", "has 'at' as VARCHAR, which does not fit member 'At' (Timestamp)")]
    [InlineData("at", "{\"type\":\"map\",\"keyType\":\"string\",\"valueType\":\"string\",\"valueContainsNull\":true}", "has 'at' as map")]
    public async Task Columns_that_are_missing_or_do_not_fit_are_refused_before_anything_is_read(string column, string type, string reason)
    {
        string table = Write("SELECT 'a' AS id", ("id", "\"string\""), (column == "id" ? "when" : column, type));

        IngestException error = await Assert.ThrowsAsync<IngestException>(() => ReadAsync(table, Streams.Parcels));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(table, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was appended.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folders_that_are_no_tables_and_versions_of_files_are_refused_by_the_command()
    {
        string file = _folder.Write("events.ndjson", "{}");

        (await Cli.FlightsAsync("ingest", _folder.Path, "--data", _folder.Data)).MustFail(1, _folder.Path, "is no table", "'_delta_log'", "Nothing was appended");
        (await Cli.FlightsAsync("ingest", file, "--as-of", "3", "--data", _folder.Data)).MustFail(1, file, "Leave --as-of out");
        (await Cli.FlightsAsync("ingest", _folder.Path, "--as-of", "soon", "--data", _folder.Data)).MustFail(2, "'soon' is neither the number of a version nor a time");
    }

    private static async Task<List<(string Key, string Value)>> ReadAsync(string path, StreamDefinition stream, long skip = 0)
    {
        await using EventFile file = await EventFiles.OpenAsync(path, stream, 1 << 20, skip, TestContext.Current.CancellationToken, HistoryPoint.Now);
        return await Streams.ReadAllAsync(file, 2);
    }

    private string Write(string sql, params (string Name, string Type)[] columns)
    {
        string path = Path.Combine(_folder.Path, "table");
        Directory.CreateDirectory(Path.Combine(path, "_delta_log"));
        Duck.Run($"SET TimeZone = 'UTC'; COPY ({sql}) TO '{Path.Combine(path, "part.parquet")}' (FORMAT parquet)");
        IEnumerable<string> fields = columns.Select(column => $$"""{"name":"{{column.Name}}","type":{{column.Type}},"nullable":true,"metadata":{ } }""");
        string schema = $$"""{"type":"struct","fields":[{{string.Join(',', fields)}}]}""";
        File.WriteAllLines(
            Path.Combine(path, "_delta_log", "00000000000000000000.json"),
            [
                """{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}""",
                JsonSerializer.Serialize(new
                {
                    metaData = new { id = "x", format = new { provider = "parquet" }, schemaString = schema, partitionColumns = Array.Empty<string>(), createdTime = 1 },
                }),
                """{"add":{"path":"part.parquet","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}}""",
            ]);
        return path;
    }
}

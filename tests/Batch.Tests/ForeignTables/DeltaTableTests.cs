using Lambda.Batch.ForeignTables;
using Lambda.Batch.ForeignTables.Rows;
using Lambda.Batch.History;

namespace Lambda.Batch.Tests.ForeignTables;

public sealed class DeltaTableTests
{
    private const string Schema =
        """
        {\"type\":\"struct\",\"fields\":[{\"name\":\"event_id\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}},
        {\"name\":\"count\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}},{\"name\":\"price\",\"type\":\"decimal(38,4)\",\"nullable\":true,\"metadata\":{}},
        {\"name\":\"items\",\"type\":{\"type\":\"array\",\"containsNull\":true,\"elementType\":{\"type\":\"struct\",\"fields\":[
        {\"name\":\"name\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}},{\"name\":\"price\",\"type\":\"decimal(10,2)\",\"nullable\":true,\"metadata\":{}}]}},\"nullable\":true,\"metadata\":{}},
        {\"name\":\"day\",\"type\":\"date\",\"nullable\":true,\"metadata\":{}},{\"name\":\"more\",\"type\":{\"type\":\"map\",\"keyType\":\"string\",\"valueType\":\"string\",
        \"valueContainsNull\":true},\"nullable\":true,\"metadata\":{}}]}
        """;

    [Fact]
    public async Task Widened_columns_added_fields_and_partition_values_are_those_of_the_table()
    {
        using TableCopy table = new();
        Write(table, """{"minReaderVersion":1,"minWriterVersion":2}""", Add("old.parquet", "2024-02-29"), Add("new[1].parquet", ""));
        Duck.Query(
            $"""
            COPY (SELECT 'a' AS event_id, 7::INTEGER AS "count", 1.5::DECIMAL(6, 1) AS price, [struct_pack(name := 'x'), NULL] AS items, DATE '1999-01-01' AS day)
            TO '{Path.Combine(table.Path, "old.parquet")}' (FORMAT parquet)
            """);
        Duck.Query(
            $"""
            COPY (SELECT NULL::STRUCT(price DECIMAL(10, 2), name VARCHAR)[] AS items, '1234567890123456789012345678901234.5678'::DECIMAL(38, 4) AS price, 'b' AS event_id,
            9000000000 AS "count", 1 AS dropped) TO '{Path.Combine(table.Path, "new[1].parquet")}' (FORMAT parquet)
            """);
        ForeignTable found = await TableFinder.OpenAsync(table.Path, HistoryPoint.Now, TestContext.Current.CancellationToken);

        await using ForeignRows rows = await ForeignRows.OpenAsync(found, [.. found.Columns.Take(5)], [0], TestContext.Current.CancellationToken);

        Assert.True(rows.Read());
        Assert.Equal(("a", 7L, "1.5000", new DateOnly(2024, 2, 29)), (rows.Row[0], rows.Row[1], rows.Row[2], rows.Row[4]));
        List<Dictionary<string, object?>?> items = Assert.IsType<List<Dictionary<string, object?>?>>(rows.Row[3], exactMatch: false);
        Assert.Equal(["x", null], items[0]!.Values);
        Assert.Null(items[1]);
        Assert.True(rows.Read());
        Assert.Equal(("b", 9000000000L, "1234567890123456789012345678901234.5678"), (rows.Row[0], rows.Row[1], rows.Row[2]));
        Assert.True(rows.Row.IsDBNull(3) && rows.Row.IsDBNull(4));
        Assert.False(rows.Read());
    }

    [Theory]
    [InlineData("""{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors","variantType"],"writerFeatures":[]}""", "needs a reader with: variantType")]
    [InlineData("""{"minReaderVersion":4,"minWriterVersion":7}""", "reader version 4")]
    public async Task What_a_table_asks_for_and_is_not_there_is_named(string protocol, string what)
    {
        using TableCopy table = new();
        Write(table, protocol);

        await table.MustBeRefusedAsync(null, what);
    }

    [Theory]
    [InlineData("../table/other.parquet", "outside of the table's folder")]
    [InlineData("file:///lake/part.parquet", "outside of the table's folder")]
    [InlineData("s3://lake/part.parquet", "outside of the table's folder")]
    [InlineData("part.parquet", "which is not there")]
    public async Task Files_that_are_missing_or_lie_elsewhere_are_named(string path, string what)
    {
        using TableCopy table = new();
        Write(table, """{"minReaderVersion":1,"minWriterVersion":2}""", Add(path, "2024-02-29"));

        string message = (await Assert.ThrowsAsync<ForeignTableException>(() => table.ReadAsync())).Message;

        Assert.Contains(Path.GetFileName(path), message, StringComparison.Ordinal);
        Assert.Contains(what, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_its_partition_value_is_refused_and_not_taken_for_null()
    {
        using TableCopy table = new();
        Write(table, """{"minReaderVersion":1,"minWriterVersion":2}""", """{"add":{"path":"p.parquet","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}}""");
        table.Write("p.parquet", "");

        await table.MustBeRefusedAsync(null, "partition column 'day'", "'p.parquet'");
    }

    [Fact]
    public async Task A_column_of_another_type_than_the_tables_is_refused()
    {
        using TableCopy table = new();
        Write(table, """{"minReaderVersion":1,"minWriterVersion":2}""", Add("p.parquet", "2024-02-29"));
        Duck.Query($"COPY (SELECT 1 AS event_id) TO '{Path.Combine(table.Path, "p.parquet")}' (FORMAT parquet)");

        await table.MustBeRefusedAsync(null, "column 'event_id' is INTEGER", "p.parquet", "'event_id' is VARCHAR");
    }

    [Fact]
    public async Task Columns_that_differ_only_in_case_are_refused()
    {
        using TableCopy table = new();
        Write(table, """{"minReaderVersion":1,"minWriterVersion":2}""", Add("p.parquet", "2024-02-29"));
        await File.WriteAllBytesAsync(Path.Combine(table.Path, "p.parquet"), TwoCases(), TestContext.Current.CancellationToken);

        await table.MustBeRefusedAsync(null, "several columns that may be 'event_id'");
    }

    [Fact]
    public async Task A_commit_that_is_no_json_is_named()
    {
        using TableCopy table = new("delta/append_partitioned");
        table.Write("_delta_log/00000000000000000002.json", "no json");

        await table.MustBeRefusedAsync(null, "00000000000000000002.json", "is damaged");
    }

    [Fact]
    public async Task A_version_that_is_not_there_is_named()
    {
        using TableCopy table = new("delta/append_partitioned");

        await table.MustBeRefusedAsync("5", "has no version 5", "its newest is 4");
        await table.MustBeRefusedAsync("2001-01-01", "no version of 2001-01-01");
    }

    [Fact]
    public async Task A_cut_data_file_is_an_error_of_the_table()
    {
        using TableCopy table = new("delta/append_partitioned");
        table.Cut("part-*.parquet");

        await table.MustBeRefusedAsync(null, "cannot be read", ".parquet");
    }

    [Fact]
    public async Task Damaged_deletion_vectors_are_named()
    {
        using TableCopy table = new("delta/deletion_vectors");
        string file = table.Find("deletion_vector_*.bin");
        byte[] content = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        content[^5] ^= 1;
        await File.WriteAllBytesAsync(file, content, TestContext.Current.CancellationToken);

        await table.MustBeRefusedAsync(null, Path.GetFileName(file), "do not match their checksum");
        table.Cut("deletion_vector_*.bin");
        await table.MustBeRefusedAsync(null, Path.GetFileName(file), "is damaged");
        File.Delete(file);
        await table.MustBeRefusedAsync(null, Path.GetFileName(file), "which is not there");
    }

    [Fact]
    public async Task A_missing_sidecar_of_a_checkpoint_is_named()
    {
        using TableCopy table = new("delta/v2_checkpoint");
        string sidecar = Directory.EnumerateFiles(Path.Combine(table.Path, "_delta_log", "_sidecars")).First();
        File.Delete(sidecar);

        await table.MustBeRefusedAsync(null, Path.GetFileName(sidecar), "is missing");
    }

    [Fact]
    public async Task A_folder_that_is_no_table_is_refused_with_what_would_be_one()
    {
        using TableCopy table = new();

        await table.MustBeRefusedAsync(null, "is no table", "'_delta_log'", "'metadata'", "'.hoodie'");
    }

    private static string Add(string path, string day) =>
        $$$"""{"add":{"path":"{{{path}}}","partitionValues":{"day":"{{{day}}}"},"size":1,"modificationTime":1,"dataChange":true}}""";

    private static void Write(TableCopy table, string protocol, params string[] adds)
    {
        string metadata =
            $$$"""
            {"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{{{Schema.ReplaceLineEndings("")}}}","partitionColumns":["day"],"configuration":{},"createdTime":1}}
            """;
        table.Write("_delta_log/00000000000000000000.json", string.Join('\n', [$$$"""{"protocol":{{{protocol}}}}""", metadata, .. adds]));
    }

    /// <summary>DuckDB has no two such columns, so one is written under a name of the same length and renamed in the bytes.</summary>
    private static byte[] TwoCases()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "p.parquet");
        Duck.Query($"COPY (SELECT 'a' AS event_id, 'b' AS EVENT_XX) TO '{path}' (FORMAT parquet, COMPRESSION uncompressed)");
        byte[] bytes = File.ReadAllBytes(path);
        for (int i; (i = bytes.AsSpan().IndexOf("EVENT_XX"u8)) >= 0;)
        {
            "EVENT_ID"u8.CopyTo(bytes.AsSpan(i));
        }

        return bytes;
    }
}

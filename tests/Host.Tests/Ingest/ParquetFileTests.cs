using System.Text;
using System.Text.Json;
using Lambda.Host.Tests.Support;
using Lambda.Hosting.Ingest;
using Lambda.Views;
using Xunit;

namespace Lambda.Host.Tests.Ingest;

public sealed class ParquetFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Values_of_every_type_come_as_they_stand_in_the_file()
    {
        string path = Write("""
            SELECT printf('r%d', i) AS ID, TIMESTAMP '2001-01-01 00:00:00.123456' + to_minutes(i) AS at,
                   CASE WHEN i % 3 = 0 THEN NULL ELSE i::BIGINT * 1000000007 END AS whole,
                   CASE WHEN i % 5 = 0 THEN NULL ELSE i / 7.0::DOUBLE END AS "real",
                   (i / 8.0)::DECIMAL(12, 3) AS exact, i % 2 = 0 AS flag, 'ä"' || i AS "text", i::TINYINT AS further
            FROM range(100) t(i)
            """);

        List<(string Key, string Value)> records = await ReadAsync(path);

        Assert.Equal(100, records.Count);
        for (int i = 0; i < records.Count; i++)
        {
            JsonElement record = JsonDocument.Parse(records[i].Value).RootElement;
            Assert.Equal($"r{i}", records[i].Key);
            Assert.Equal($"r{i}", record.GetProperty("id").GetString());
            Assert.Equal(new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMicroseconds(123456).AddMinutes(i), record.GetProperty("at").GetDateTime());
            Assert.EndsWith("Z", record.GetProperty("at").GetString(), StringComparison.Ordinal);
            Assert.Equal(i % 3 == 0 ? null : i * 1000000007L, Number(record, "whole")?.GetInt64());
            Assert.Equal(i % 5 == 0 ? null : i / 7.0, Number(record, "real")?.GetDouble());
            Assert.Equal(Math.Round(i / 8.0m, 3, MidpointRounding.AwayFromZero), record.GetProperty("exact").GetDecimal());
            Assert.Equal(i % 2 == 0, record.GetProperty("flag").GetBoolean());
            Assert.Equal($"ä\"{i}", record.GetProperty("text").GetString());
            Assert.Equal(i, record.GetProperty("further").GetInt32());
        }
    }

    [Fact]
    public async Task A_time_with_a_zone_is_the_instant_it_means_and_one_without_is_utc()
    {
        string with = Write("SELECT 'a' AS id, TIMESTAMPTZ '2001-01-01 12:00:00+02:00' AS at");
        string without = Write("SELECT 'a' AS id, TIMESTAMP '2001-01-01 10:00:00' AS at");
        string date = Write("SELECT 'a' AS id, DATE '2001-01-01' AS at");

        Assert.Equal("2001-01-01T10:00:00Z", await AtAsync(with));
        Assert.Equal("2001-01-01T10:00:00Z", await AtAsync(without));
        Assert.Equal("2001-01-01T00:00:00Z", await AtAsync(date));
    }

    [Fact]
    public async Task Reading_goes_on_where_it_stopped_across_row_groups()
    {
        string path = Write("SELECT printf('r%d', i) AS id, TIMESTAMP '2001-01-01' AS at FROM range(10000) t(i)", "ROW_GROUP_SIZE 2048");

        List<(string Key, string Value)> rest = await ReadAsync(path, skip: 4097);

        Assert.Equal(Enumerable.Range(4097, 10000 - 4097).Select(i => $"r{i}"), rest.Select(record => record.Key));
    }

    [Fact]
    public async Task A_column_of_a_type_that_does_not_fit_is_refused_before_anything_is_read()
    {
        string path = Write("SELECT 'a' AS id, TIMESTAMP '2001-01-01' AS at, 'ten' AS whole");

        IngestException error = await Assert.ThrowsAsync<IngestException>(() => ReadAsync(path));

        Assert.Contains("column 'whole'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was appended", error.Message, StringComparison.Ordinal);
    }

    // The one that came last in the file counted, whichever had the name of the member, and of whatever type it was.
    [Fact]
    public async Task Two_columns_that_differ_in_case_only_are_refused_where_a_member_is_named_after_them()
    {
        string path = Write("SELECT 'a' AS id, TIMESTAMP '2001-01-01' AS at, 1::BIGINT AS whole, 'two' AS whol_, 1 AS other, 2 AS othe_");
        byte[] content = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);

        // No engine at hand writes such files, others do.
        Rename(content, "othe_", "OTHER");
        string further = _folder.Write("further.parquet", content);
        Rename(content, "whol_", "WHOLE");
        string ambiguous = _folder.Write("ambiguous.parquet", content);

        Assert.Single(await ReadAsync(further));
        IngestException error = await Assert.ThrowsAsync<IngestException>(() => ReadAsync(ambiguous));
        Assert.Contains("several columns that may be 'WHOLE'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was appended", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{'city': 'Bern'} AS address", "'Address' (object)")]
    [InlineData("'Bern' AS address", "'Address' (object)")]
    [InlineData("{'city': 'Bern'} AS address, ['a'] AS tags", "'Address' (object)")]
    [InlineData("['a'] AS tags", "'Tags' (array)")]
    [InlineData("'a' AS tags", "'Tags' (array)")]
    public async Task Objects_and_arrays_are_refused_before_anything_is_read(string columns, string member)
    {
        string path = Write($"SELECT 'a' AS id, TIMESTAMP '2001-01-01' AS at, {columns}");

        IngestException error = await Assert.ThrowsAsync<IngestException>(() => ReadAsync(path, Streams.Parcels));

        Assert.Contains(member, error.Message, StringComparison.Ordinal);
        Assert.Contains("write the events as NDJSON", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dates_and_texts_with_a_form_come_as_the_event_type_reads_them()
    {
        string path = Write("SELECT 'a' AS id, TIMESTAMP '2001-01-01' AS at, DATE '2024-02-29' AS due, uuid() AS number");

        JsonElement record = JsonDocument.Parse(Assert.Single(await ReadAsync(path, Streams.Parcels)).Value).RootElement;

        Assert.Equal("2024-02-29", record.GetProperty("due").GetString());
        Assert.True(Guid.TryParseExact(record.GetProperty("number").GetString(), "D", out _));
    }

    [Fact]
    public async Task A_file_without_a_column_that_every_event_needs_is_refused()
    {
        string path = Write("SELECT 'a' AS id, TIMESTAMP '2001-01-01' AS \"when\"");

        IngestException error = await Assert.ThrowsAsync<IngestException>(() => ReadAsync(path));

        Assert.Contains("no column 'at'", error.Message, StringComparison.Ordinal);
        Assert.Contains("id, when", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_was_cut_at_any_place_is_refused_by_name()
    {
        byte[] whole = await File.ReadAllBytesAsync(
            Write("SELECT printf('r%d', i) AS id, TIMESTAMP '2001-01-01' AS at FROM range(1000) t(i)"), TestContext.Current.CancellationToken);
        for (int length = 0; length < whole.Length; length += 97)
        {
            string path = _folder.Write("cut.parquet", whole.AsSpan(0, length));

            IngestException error = await Assert.ThrowsAsync<IngestException>(() => ReadAsync(path));

            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_with_a_damaged_footer_is_refused_by_name()
    {
        byte[] content = await File.ReadAllBytesAsync(Write("SELECT 'a' AS id, TIMESTAMP '2001-01-01' AS at"), TestContext.Current.CancellationToken);
        content.AsSpan(content.Length - 100, 80).Fill(0xFF);
        string path = _folder.Write("damaged.parquet", content);

        Assert.Contains(path, (await Assert.ThrowsAsync<IngestException>(() => ReadAsync(path))).Message, StringComparison.Ordinal);
    }

    private static JsonElement? Number(JsonElement record, string name) =>
        record.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number : null;

    private static async Task<string?> AtAsync(string path) =>
        JsonDocument.Parse(Assert.Single(await ReadAsync(path)).Value).RootElement.GetProperty("at").GetString();

    private static Task<List<(string Key, string Value)>> ReadAsync(string path, long skip = 0) => ReadAsync(path, Streams.Readings, skip);

    private static async Task<List<(string Key, string Value)>> ReadAsync(string path, StreamDefinition stream, long skip = 0)
    {
        await using EventFile file = await EventFiles.OpenAsync(path, stream, 1 << 20, skip, TestContext.Current.CancellationToken);
        return await Streams.ReadAllAsync(file, 300);
    }

    private static void Rename(Span<byte> content, string from, string to)
    {
        for (int at = content.IndexOf(Encoding.UTF8.GetBytes(from)); at >= 0; at = content.IndexOf(Encoding.UTF8.GetBytes(from)))
        {
            Encoding.UTF8.GetBytes(to, content[at..]);
        }
    }

    private string Write(string sql, string options = "COMPRESSION zstd")
    {
        string path = Path.Combine(_folder.Path, $"{Guid.NewGuid():N}.parquet");
        Duck.Run($"COPY ({sql}) TO '{path}' (FORMAT parquet, {options})");
        return path;
    }
}

using System.Text;
using System.Text.Json;
using Lambda.Batch.History;
using Lambda.Batch.Recompute;
using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Store;
using Lambda.Time;

namespace Lambda.Batch.Tests.History;

public sealed class NestedSchemaChangeTests
{
    internal const string First = """{"at":"2024-01-01T00:00:00Z","box":{"name":"a"},"parts":[{"number":1},{"number":2}]}""";

    internal const string Second =
        """
        {"at":"2024-01-01T00:00:00Z","box":{"name":"b","side":{"left":true,"note":"n"}},"parts":[{"number":3,"tags":["x"],"side":{"left":false,"note":null}}]}
        """;

    [Fact]
    public async Task Nullable_members_may_be_added_at_any_depth_and_are_null_in_older_rows()
    {
        using HistoryFixture history = new();
        await AppendAsync<Before>(history, First, 0);
        HistoryTable table = await AppendAsync<After>(history, Second, 1);
        List<string> rows = [];
        await foreach (EventBatch batch in HistoryFixture.ReadAsync(table, Projection.Everything(table.Schema), new Boundary([10])))
        {
            rows.AddRange(Enumerable.Range(0, batch.Count).Select(row => Encoding.UTF8.GetString(EventJson.Write(batch, row))));
        }

        Assert.Equal(
            [
                """{"at":"2024-01-01T00:00:00Z","box":{"name":"a","side":null},"parts":[{"number":1,"tags":null,"side":null},{"number":2,"tags":null,"side":null}]}""",
                JsonSerializer.Serialize(JsonDocument.Parse(Second)),
            ],
            rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_audit_reads_files_from_before_and_after_together()
    {
        using HistoryFixture history = new();
        await AppendAsync<Before>(history, First, 0);
        HistoryTable table = await AppendAsync<After>(history, Second, 1);
        IEnumerable<string> files = table.Current.Table.Files.Select(file =>
            history.Storage.Describe($"s/events/{Lambda.Batch.History.Delta.DeltaPaths.Decode(file.Path)}"));
        List<object?[]> rows = Duck.Query(
            $"""
            SELECT counted."box"."name", counted."box"."side"."left", count(counted."box"."side") OVER ()
            FROM {ParquetFiles.Table([.. files])} AS counted ORDER BY _offset
            """);
        Assert.Equal([["a", null, 1L], ["b", true, 1L]], rows);
    }

    [Fact]
    public async Task The_older_type_goes_on_writing_beside_the_newer_one()
    {
        using HistoryFixture history = new();
        HistoryTable older = await OpenAsync<Before>(history);
        await AppendAsync<After>(history, Second, 0);
        await AppendAsync(older, First, 1);
        Assert.Equal(2, older.Current.EndOffset(0));
    }

    [Theory]
    [InlineData(typeof(Retyped), "member 'parts.element.number' was Integer and is Long now")]
    [InlineData(typeof(Gone), "member 'box.name' is gone")]
    [InlineData(typeof(Stricter), "member 'box.side' is new but not nullable")]
    [InlineData(typeof(Looser), "member 'parts.element' was not nullable and is nullable now")]
    [InlineData(typeof(Flattened), "member 'box' was Struct and is String now")]
    public async Task Any_other_change_is_refused(Type type, string reason)
    {
        using HistoryFixture history = new();
        await AppendAsync<Before>(history, First, 0);
        HistoryException error = await Assert.ThrowsAsync<HistoryException>(() => OpenAsync(history, type));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static Task<HistoryTable> OpenAsync<T>(HistoryFixture history) => OpenAsync(history, typeof(T));

    private static Task<HistoryTable> OpenAsync(HistoryFixture history, Type type)
    {
        EventSchema schema = EventSchema.Of(type);
        return HistoryTable.OpenAsync(
            history.Storage, "s", schema, schema.Find("At")!, starts: null, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    internal static async Task<HistoryTable> AppendAsync<T>(HistoryFixture history, string json, long offset)
    {
        HistoryTable table = await OpenAsync<T>(history);
        await AppendAsync(table, json, offset);
        return table;
    }

    private static async Task AppendAsync(HistoryTable table, string json, long offset)
    {
        Projection all = Projection.Everything(table.Schema);
        EventBatch batch = new(all, new StringDictionary());
        JsonEventDecoder decoder = new(new DecodeRules(table.Schema.Find("At")!, null, 0), all);
        Assert.Null(decoder.Decode(Encoding.UTF8.GetBytes(json), 0, offset, UtcMicroseconds.MaxValue, batch));
        await table.AppendAsync([new HistoryBatch(batch)], HistoryFixture.Range(0, offset, offset + 1), TestContext.Current.CancellationToken);
    }

    internal sealed record Before(DateTime At, Before.B Box, List<Before.P> Parts)
    {
        internal sealed record B(string Name);

        internal sealed record P(int Number);
    }

    internal sealed record After(DateTime At, After.B Box, List<After.P> Parts)
    {
        internal sealed record B(string Name, Side? Side);

        internal sealed record P(int Number, string[]? Tags, Side? Side);
    }

    internal sealed record Side(bool Left, string? Note);

    private sealed record Retyped(DateTime At, Before.B Box, List<Retyped.P> Parts)
    {
        internal sealed record P(long Number);
    }

    private sealed record Gone(DateTime At, Gone.B Box, List<Before.P> Parts)
    {
        internal sealed record B(string? Other);
    }

    private sealed record Stricter(DateTime At, Stricter.B Box, List<Before.P> Parts)
    {
        internal sealed record B(string Name, Side Side);
    }

    private sealed record Looser(DateTime At, Before.B Box, List<Before.P?> Parts);

    private sealed record Flattened(DateTime At, string Box, List<Before.P> Parts);
}

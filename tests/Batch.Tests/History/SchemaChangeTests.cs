using System.Text.Json.Serialization;
using Lambda.Batch.History;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.History.Storage;
using Lambda.Events;
using Lambda.Store;

namespace Lambda.Batch.Tests.History;

public sealed class SchemaChangeTests
{
    [Fact]
    public async Task A_nullable_member_may_be_added_and_is_null_in_older_rows()
    {
        using TemporaryFolder folder = new();
        await AppendAsync<Old>(folder, 0);
        HistoryTable table = await AppendAsync<WithNote>(folder, 1);
        EventSchema schema = table.Schema;
        Dictionary<long, bool> notes = [];
        await foreach (EventBatch batch in HistoryFixture.ReadAsync(table, Projection.Everything(schema), new Boundary([10])))
        {
            for (int row = 0; row < batch.Count; row++)
            {
                notes[batch.Offsets[row]] = batch[schema.Find(nameof(WithNote.Note))!]!.Nulls![row];
                Assert.Equal(batch[schema.Find(nameof(WithNote.Grade))!]!.Nulls![row], notes[batch.Offsets[row]]);
            }
        }

        Assert.Equal(new Dictionary<long, bool> { [0] = true, [1] = false }, notes);
        Assert.Equal(3, table.Current.Version);
    }

    [Fact]
    public async Task Opening_with_the_same_event_type_writes_nothing()
    {
        using TemporaryFolder folder = new();
        await OpenAsync<Old>(folder);
        Assert.Equal(0, (await OpenAsync<Old>(folder)).Current.Version);
    }

    [Fact]
    public Task A_member_that_is_gone_is_refused() => AssertRefusedAsync<Shorter>("member 'name' is gone");

    [Fact]
    public Task A_member_of_another_type_is_refused() => AssertRefusedAsync<Retyped>("member 'count' was Integer and is Long now");

    [Fact]
    public Task A_new_member_that_is_not_nullable_is_refused() => AssertRefusedAsync<Stricter>("member 'must' is new but not nullable");

    [Fact]
    public Task A_member_that_became_nullable_is_refused() => AssertRefusedAsync<Looser>("member 'count' was not nullable and is nullable now");

    [Theory]
    [InlineData(typeof(Underscored), "_offset")]
    [InlineData(typeof(Spaced), "two words")]
    public async Task A_name_that_no_column_can_have_is_refused_at_start_up(Type type, string name)
    {
        using TemporaryFolder folder = new();
        DefinitionException error = await Assert.ThrowsAsync<DefinitionException>(() => OpenAsync(folder, EventSchema.Of(type)));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("JsonPropertyName", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("")]
    public async Task A_stream_name_that_no_folder_can_have_is_refused(string stream)
    {
        using TemporaryFolder folder = new();
        LocalObjectStorage storage = new(folder.Path);
        EventSchema schema = EventSchema.Of(typeof(Old));
        await Assert.ThrowsAsync<DefinitionException>(
            () => HistoryTable.OpenAsync(storage, stream, schema, schema.Members[0], starts: null, TimeProvider.System, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<DefinitionException>(
            () => QuarantineTable.OpenAsync(storage, stream, TimeProvider.System, TestContext.Current.CancellationToken));
    }

    private static async Task AssertRefusedAsync<T>(string reason)
    {
        using TemporaryFolder folder = new();
        await AppendAsync<Old>(folder, 0);
        string[] before = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories);
        HistoryException error = await Assert.ThrowsAsync<HistoryException>(() => OpenAsync<T>(folder));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    private static Task<HistoryTable> OpenAsync<T>(TemporaryFolder folder) => OpenAsync(folder, EventSchema.Of(typeof(T)));

    private static Task<HistoryTable> OpenAsync(TemporaryFolder folder, EventSchema schema) => HistoryTable.OpenAsync(
        new LocalObjectStorage(folder.Path), "s", schema, schema.Find("At")!, starts: null, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Appends one event, with all its members set.</summary>
    private static async Task<HistoryTable> AppendAsync<T>(TemporaryFolder folder, long offset)
    {
        HistoryTable table = await OpenAsync<T>(folder);
        EventBatch batch = new(Projection.Everything(table.Schema), new StringDictionary());
        batch.EnsureCapacity(1);
        batch.Count = 1;
        batch.Offsets[0] = offset;
        foreach (TextColumn text in table.Schema.Members.Select(member => batch[member]).OfType<TextColumn>())
        {
            text.Set(0, "text"u8);
        }

        await table.AppendAsync(
            [new HistoryBatch(batch)], HistoryFixture.Range(0, offset, offset + 1), TestContext.Current.CancellationToken);
        return table;
    }

    private sealed record Old(DateTime At, int Count, string Name);

    private sealed record WithNote(DateTime At, int Count, string? Note, string Name, int? Grade);

    private sealed record Shorter(DateTime At, int Count);

    private sealed record Retyped(DateTime At, long Count, string Name);

    private sealed record Stricter(DateTime At, int Count, string Name, int Must);

    private sealed record Looser(DateTime At, int? Count, string Name);

    private sealed record Underscored(DateTime At, [property: JsonPropertyName("_offset")] long Offset);

    private sealed record Spaced(DateTime At, [property: JsonPropertyName("two words")] long Value);
}

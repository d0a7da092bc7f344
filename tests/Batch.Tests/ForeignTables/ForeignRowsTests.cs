using Lambda.Batch.ForeignTables;
using Lambda.Batch.ForeignTables.Deletions;
using Lambda.Batch.ForeignTables.Rows;

namespace Lambda.Batch.Tests.ForeignTables;

/// <summary>Tables of a few files, put together here.</summary>
public sealed class ForeignRowsTests : IDisposable
{
    private static readonly ForeignField Id = new("event_id", new ForeignType.Scalar("VARCHAR"));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Deletions_concern_the_files_and_partitions_that_they_are_older_or_younger_than()
    {
        ForeignFile old = File("old", "VALUES ('a', 1), ('b', 2), ('c', NULL)") with { Sequence = 1, Partition = "p", StoredPath = "/lake/old" };
        ForeignFile other = File("other", "VALUES ('d', 1), ('e', NULL)") with { Sequence = 1, Partition = "q", StoredPath = "/lake/other" };
        ForeignFile young = File("young", "VALUES ('f', 1), ('g', 2)") with { Sequence = 3, Partition = "p", StoredPath = "/lake/young" };
        ForeignField number = new("number", new ForeignType.Scalar("INTEGER"));
        string values = Write("values", "SELECT NULL::INTEGER AS number");
        string positions = Write("positions", "SELECT * FROM (VALUES ('file:///lake/old', 1::BIGINT), ('/lake/young', 1), ('/lake/gone', 0)) t(file_path, pos)");
        ForeignTable table = Table(old, other, young);

        Assert.Equal("abcdefg", await IdsAsync(table));
        Assert.Equal("abdefg", await IdsAsync(table, values: [new EqualityDeletes(values, [number], 2, "p")]));
        Assert.Equal("abdfg", await IdsAsync(table, values: [new EqualityDeletes(values, [number], 2, null)]));
        Assert.Equal("abcdefg", await IdsAsync(table, values: [new EqualityDeletes(values, [number], 1, null)]));
        Assert.Equal("acdefg", await IdsAsync(table, positions: [new PositionDeletes(positions, 2)]));
        Assert.Equal("acdef", await IdsAsync(table, positions: [new PositionDeletes(positions, 3)]));
    }

    /// <summary>Only files from after the table was partitioned by the column have a value for it; in those from before there was the column all rows have its default.</summary>
    [Fact]
    public async Task A_column_is_its_default_in_older_files_also_where_the_table_is_partitioned_by_it_since()
    {
        ForeignField region = new("region", new ForeignType.Scalar("VARCHAR")) { Default = "'EU'" };
        ForeignFile old = new(Write("old", "SELECT 'a' AS event_id"));
        ForeignFile young = new(Write("young", "SELECT 'b' AS event_id, 'US' AS region")) { Constants = new Dictionary<string, string?> { ["region"] = "US" } };
        ForeignTable table = new() { Name = "Iceberg table 'x'", Version = "snapshot 1", Columns = [Id, region], Files = [old, young] };
        await using ForeignRows rows = await ForeignRows.OpenAsync(table, table.Columns, [0], TestContext.Current.CancellationToken);

        Assert.True(rows.Read());
        Assert.Equal("EU", rows.Row[1]);
        Assert.True(rows.Read());
        Assert.Equal("US", rows.Row[1]);
    }

    [Fact]
    public async Task A_file_that_is_named_twice_is_refused()
    {
        ForeignFile file = File("old", "VALUES ('a', 1)");

        ForeignTableException error = await Assert.ThrowsAsync<ForeignTableException>(() => IdsAsync(Table(file, file)));

        Assert.Contains("twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numbers_of_rows_are_not_taken_from_a_column_of_that_name()
    {
        ForeignFile file = new(Write("file", "SELECT 'a' AS event_id, 1 AS file_row_number")) { StoredPath = "/lake/file" };
        string positions = Write("positions", "SELECT '/lake/file' AS file_path, 1::BIGINT AS pos");

        Assert.Equal("a", await IdsAsync(Table(file)));
        ForeignTableException error = await Assert.ThrowsAsync<ForeignTableException>(() => IdsAsync(Table(file), positions: [new PositionDeletes(positions, 0)]));
        Assert.Contains("'file_row_number'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_of_files_stand_for_these_alone()
    {
        ForeignFile[] files = [File("x[1]", "VALUES ('a', 1), ('b', 2)") with { StoredPath = "/lake/x" }, File("x1", "VALUES ('c', 3)"), File("x*", "VALUES ('d', 4)"), File("x?", "VALUES ('e', 5)")];
        string positions = Write("p?", "SELECT '/lake/x' AS file_path, 1::BIGINT AS pos");
        Write("p1", "SELECT '/lake/x' AS file_path, 0::BIGINT AS pos");

        Assert.Equal("acde", await IdsAsync(Table(files), [new PositionDeletes(positions, 1)]));
    }

    private static ForeignTable Table(params ForeignFile[] files) => new() { Name = "Iceberg table 'x'", Version = "snapshot 1", Columns = [Id], Files = files };

    private static async Task<string> IdsAsync(ForeignTable table, PositionDeletes[]? positions = null, EqualityDeletes[]? values = null)
    {
        ForeignTable with = new()
        {
            Name = table.Name,
            Version = table.Version,
            Columns = table.Columns,
            Files = table.Files,
            PositionDeletes = positions ?? [],
            EqualityDeletes = values ?? [],
        };
        await using ForeignRows rows = await ForeignRows.OpenAsync(with, with.Columns, [0], TestContext.Current.CancellationToken);
        string ids = "";
        while (rows.Read())
        {
            ids += rows.Row.GetString(0);
        }

        return ids;
    }

    private ForeignFile File(string name, string values) => new(Write(name, $"SELECT * FROM ({values}) t(event_id, number)"));

    private string Write(string name, string sql)
    {
        string path = Path.Combine(_folder.Path, $"{name}.parquet");
        Duck.Query($"COPY ({sql}) TO '{path}' (FORMAT parquet)");
        return path;
    }
}

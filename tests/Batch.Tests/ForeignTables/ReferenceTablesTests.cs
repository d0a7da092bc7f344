using System.Text.Json;
using Lambda.Batch.ForeignTables;
using Lambda.Batch.History;

namespace Lambda.Batch.Tests.ForeignTables;

/// <summary>Every table that Spark wrote is read with just the rows that Spark reads in it, in each of its versions.</summary>
public sealed class ReferenceTablesTests
{
    /// <summary>All that are there, so that none is forgotten; a single name that no table has where there are none, for the test to be skipped with a reason.</summary>
    public static TheoryData<string> Tables() => [.. LakeFixtures.Tables().DefaultIfEmpty("none")];

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task The_newest_version_has_exactly_the_rows_that_its_writer_reads(string table)
    {
        string folder = Path.Combine(LakeFixtures.Folder(), table);
        using JsonDocument expected = Expected(folder);
        ForeignTable found = await TableFinder.OpenAsync(folder, HistoryPoint.Now, TestContext.Current.CancellationToken);

        TableContent content = await TableContent.ReadAsync(found, ColumnsOf(expected));

        Assert.Equal(expected.RootElement.GetProperty("rows").GetInt32(), content.Rows);
        Assert.Equal(expected.RootElement.GetProperty("sha256OfSortedEventIds").GetString(), content.DigestOfIds);
        Assert.Equal(expected.RootElement.GetProperty("sha256OfRows").GetString(), content.DigestOfRows);
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task Every_version_that_can_still_be_read_has_the_events_it_had(string table)
    {
        string folder = Path.Combine(LakeFixtures.Folder(), table);
        using JsonDocument expected = Expected(folder);
        foreach (JsonElement version in expected.RootElement.GetProperty("snapshots").EnumerateArray())
        {
            string number = version.TryGetProperty("instant", out JsonElement instant) ? instant.GetString()!
                : (version.TryGetProperty("version", out JsonElement at) ? at : version.GetProperty("snapshotId")).GetRawText();
            ForeignTable found = await TableFinder.OpenAsync(folder, HistoryPoint.Parse(number)!, TestContext.Current.CancellationToken);
            TableContent content = await TableContent.ReadAsync(found, ["event_id"]);

            Assert.Equal((number, version.GetProperty("rows").GetInt32()), (number, content.Rows));
            Assert.Equal((number, version.GetProperty("sha256OfSortedEventIds").GetString()), (number, content.DigestOfIds));
        }
    }

    private static JsonDocument Expected(string folder) => JsonDocument.Parse(File.ReadAllText(folder + ".expected.json"));

    private static string[] ColumnsOf(JsonDocument expected) =>
        [.. expected.RootElement.GetProperty("schema").EnumerateArray().Select(column => column.GetProperty("name").GetString()!)];
}

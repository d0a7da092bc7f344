using System.Globalization;
using System.Text.Json;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Log;

namespace Lambda.Batch.Tests.History;

/// <summary>
/// What files and log tell about a column's values must be true, for readers leave out whatever it excludes. DuckDB is the judge.
/// </summary>
public sealed class StatisticsTests
{
    private const int Events = 1500;

    private static readonly string[] Ordered =
        ["_partition", "_offset", "_appended_at", "at", "id", "place", "small", "maybeSmall", "large", "maybeLarge", "price", "seen", "_extra"];

    [Fact]
    public async Task Bounds_in_the_footer_are_those_of_the_data_to_the_microsecond()
    {
        using HistoryFixture history = new();
        HistoryTable table = await AppendAsync(history, wild: true);
        string files = history.DuckFiles(table.Current);
        foreach (string column in Ordered)
        {
            string type = (string)Duck.Query($"SELECT typeof(\"{column}\") FROM read_parquet({files}, hive_partitioning = false) LIMIT 1")[0][0]!;
            List<object?[]> compared = Duck.Query(
                $"""
                WITH told AS (
                    SELECT file_name AS file, min(CAST(stats_min_value AS {type})) AS lo, max(CAST(stats_max_value AS {type})) AS hi,
                        sum(stats_null_count) AS nulls
                    FROM parquet_metadata({files}) WHERE path_in_schema = '{column}' GROUP BY ALL),
                data AS (
                    SELECT filename AS file, min("{column}") AS lo, max("{column}") AS hi, count(*) - count("{column}") AS nulls
                    FROM read_parquet({files}, hive_partitioning = false, filename = true) GROUP BY ALL)
                SELECT told.lo IS NOT DISTINCT FROM data.lo AND told.hi IS NOT DISTINCT FROM data.hi AND told.nulls = data.nulls,
                    concat_ws(' ', told.lo, told.hi, told.nulls, '/', data.lo, data.hi, data.nulls)
                FROM told FULL JOIN data USING (file)
                """);
            Assert.Equal(table.Current.Files.Count, compared.Count);
            Assert.All(compared, row => Assert.True(row[0] is true, $"{column} {type}: {row[1]}"));
        }
    }

    [Fact]
    public async Task A_filter_finds_every_row_that_a_scan_finds()
    {
        using HistoryFixture history = new();
        HistoryTable table = await AppendAsync(history, wild: true);
        string files = history.DuckFiles(table.Current);
        foreach (string column in Ordered.Append("real").Append("maybeReal").Append("good").Append("maybeGood"))
        {
            // The expression on the right keeps DuckDB from pruning.
            long different = (long)Duck.Query(
                $"""
                WITH picked AS (SELECT "{column}" AS v FROM read_parquet({files}) WHERE "{column}" IS NOT NULL USING SAMPLE 5 ROWS (reservoir, 1))
                SELECT count(*) FROM (
                    SELECT v, (SELECT count(*) FROM read_parquet({files}) WHERE "{column}" = v) AS pruned,
                        (SELECT count(*) FROM read_parquet({files}) WHERE coalesce("{column}", "{column}") IS NOT DISTINCT FROM v) AS whole
                    FROM picked) WHERE pruned <> whole OR pruned = 0
                """)[0][0]!;
            Assert.True(different == 0, column);
        }

        // Constants, which DuckDB does push down into the files.
        foreach (object?[] row in Duck.Query($"SELECT \"at\"::VARCHAR, count(*) FROM read_parquet({files}) GROUP BY ALL ORDER BY ALL LIMIT 40"))
        {
            Assert.Equal(row[1], Duck.Query($"SELECT count(*) FROM read_parquet({files}) WHERE \"at\" = TIMESTAMPTZ '{row[0]}'")[0][0]);
        }
    }

    [Fact]
    public async Task Bounds_in_the_log_hold_every_value()
    {
        using HistoryFixture history = new();
        HistoryTable table = await AppendAsync(history, wild: true);
        foreach (AddFile file in table.Current.Table.Files)
        {
            using JsonDocument stats = JsonDocument.Parse(file.Stats!);
            JsonElement min = stats.RootElement.GetProperty("minValues");
            JsonElement max = stats.RootElement.GetProperty("maxValues");
            Assert.Equal(min.EnumerateObject().Select(bound => bound.Name), max.EnumerateObject().Select(bound => bound.Name));
            Assert.Contains(min.EnumerateObject(), bound => bound.Name == "at");
            List<(string What, string Sql, object Expected)> told =
            [
                ("rows", "count(*)", stats.RootElement.GetProperty("numRecords").GetInt64()),
                .. stats.RootElement.GetProperty("nullCount").EnumerateObject().Select(nulls =>
                    ($"nulls of {nulls.Name}", $"count(*) - count(\"{nulls.Name}\")", (object)nulls.Value.GetInt64())),
            ];
            foreach (JsonProperty bound in min.EnumerateObject())
            {
                string lo = Literal(bound.Value);
                string hi = Literal(max.GetProperty(bound.Name));
                told.Add(($"values of {bound.Name} outside of [{lo}, {hi}]", $"count(*) FILTER (\"{bound.Name}\" < {lo} OR \"{bound.Name}\" > {hi})", 0L));
                if (bound.Name is "at" or "_appended_at" or "seen")
                {
                    told.Add(($"whether {bound.Name} has its bounds [{lo}, {hi}]", $"min(\"{bound.Name}\") = {lo} AND max(\"{bound.Name}\") = {hi}", true));
                }
            }

            object?[] found = Duck.Query($"SELECT {string.Join(", ", told.Select(one => one.Sql))} FROM read_parquet('{history.PathOf(file)}')")[0];
            Assert.All(told.Zip(found), pair => Assert.True(pair.First.Expected.Equals(pair.Second), $"{pair.First.What}: {pair.Second}"));
        }
    }

    [Fact]
    public async Task Bounds_of_doubles_are_left_out_when_one_is_no_number()
    {
        using HistoryFixture history = new();
        HistoryTable table = await history.OpenAsync();
        Placed first = Readings.Random(new Random(3), 0, new OffsetRange(0, 20), wild: false)[0] with { Offset = 0 };
        Reading calm = first.Event with { At = DateTime.UnixEpoch, Real = 1.5 };
        await table.AppendAsync(
            [Readings.ToBatch([first with { Event = calm }])], HistoryFixture.Range(0, 0, 1), TestContext.Current.CancellationToken);
        Assert.Contains("\"real\":1.5", table.Current.Table.Files.Single().Stats, StringComparison.Ordinal);
        await table.AppendAsync(
            [Readings.ToBatch([first with { Offset = 1, Event = calm }, first with { Offset = 2, Event = calm with { Real = double.NaN } }])],
            HistoryFixture.Range(0, 1, 3),
            TestContext.Current.CancellationToken);
        Assert.Single(table.Current.Table.Files, file => !file.Stats!.Contains("\"real\":1.5", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Columns_are_compressed_and_only_repeating_ones_have_a_dictionary()
    {
        using HistoryFixture history = new();
        HistoryTable table = await AppendAsync(history, wild: false);
        string file = history.PathOf(table.Current.Table.Files.MaxBy(file => file.Size)!);
        Dictionary<string, (string Compression, string Encodings)> columns = Duck
            .Query($"SELECT path_in_schema, compression, encodings::VARCHAR FROM parquet_metadata('{file}')")
            .ToDictionary(row => (string)row[0]!, row => ((string)row[1]!, (string)row[2]!));
        Assert.All(columns.Values, column => Assert.Equal("ZSTD", column.Compression));
        Assert.Contains("DICTIONARY", columns["place"].Encodings, StringComparison.Ordinal);
        Assert.DoesNotContain("DICTIONARY", columns["id"].Encodings, StringComparison.Ordinal);
        Assert.Contains("DELTA_BINARY_PACKED", columns["_offset"].Encodings, StringComparison.Ordinal);
    }

    private static async Task<HistoryTable> AppendAsync(HistoryFixture history, bool wild)
    {
        HistoryTable table = await history.OpenAsync();
        for (int partition = 0; partition < 2; partition++)
        {
            List<Placed> events = Readings.Random(new Random(41 + partition), partition, new OffsetRange(0, Events), wild);
            await table.AppendAsync([Readings.ToBatch(events)], HistoryFixture.Range(partition, 0, Events), TestContext.Current.CancellationToken);
        }

        return table;
    }

    private static string Literal(JsonElement value) => value.ValueKind == JsonValueKind.String
        ? $"'{value.GetString()!.Replace("'", "''", StringComparison.Ordinal)}'"
        : value.GetDouble() is var number && value.TryGetInt64(out long whole)
            ? whole.ToString(CultureInfo.InvariantCulture)
            : $"'{number.ToString("R", CultureInfo.InvariantCulture)}'::DOUBLE";
}

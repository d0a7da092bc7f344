using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public sealed class ComputeCommandTests : IDisposable
{
    private static readonly string Flights = Path.Combine(AppContext.BaseDirectory, "data", "flights-2001-01.parquet");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(
        "windows.csv",
        "read_csv('{0}')",
        """origin, "windowStart"::TIMESTAMP, "windowEnd"::TIMESTAMP, flights, "totalDelay", "meanDistance", "minDelay", "maxDelay" """)]
    [InlineData(
        "windows.ndjson",
        "read_json('{0}')",
        """
        key.origin, "windowStart"::TIMESTAMP, "windowEnd"::TIMESTAMP, values.flights, values."totalDelay", values."meanDistance"::DOUBLE,
        values."minDelay", values."maxDelay"
        """)]
    public async Task Windows_of_a_file_are_those_of_sql(string name, string reader, string columns)
    {
        string output = Path.Combine(_folder.Data, name);
        Directory.CreateDirectory(_folder.Data);

        Ended run = (await Cli.FlightsAsync("compute", "delays_by_origin", Flights, "--output", output)).MustSucceed();

        Assert.Contains("delays_by_origin: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(
            Lines($"""
                SELECT origin, time_bucket(INTERVAL 1 hour, date) AS s, s + INTERVAL 1 hour, count(*), sum(delay)::BIGINT, avg(distance), min(delay), max(delay)
                FROM {FlightsFile.Sql} GROUP BY ALL ORDER BY 1, 2
                """),
            Lines($"SELECT {columns} FROM {string.Format(System.Globalization.CultureInfo.InvariantCulture, reader, output)} ORDER BY 1, 2"));
    }

    [Fact]
    public async Task A_file_that_lacks_a_column_is_refused_and_nothing_is_written()
    {
        Directory.CreateDirectory(_folder.Data);
        string file = Path.Combine(_folder.Data, "events.parquet");
        string output = Path.Combine(_folder.Data, "windows.csv");
        Duck.Run($"COPY (SELECT date, delay FROM {FlightsFile.Sql} LIMIT 10) TO '{file}' (FORMAT parquet)");

        (await Cli.FlightsAsync("compute", "delays_by_origin", file, "--output", output)).MustFail(1, $"'{file}' has no column 'distance'");

        Assert.Equal([file], Directory.GetFiles(_folder.Data));
    }

    [Fact]
    public async Task Rows_that_fail_a_check_are_left_out_and_told_with_their_place()
    {
        Directory.CreateDirectory(_folder.Data);
        string file = Path.Combine(_folder.Data, "events.parquet");
        Duck.Run(
            $"""
            COPY (SELECT TIMESTAMP '2001-01-01' AS date, CASE i WHEN 7 THEN 5000 ELSE i END AS delay, 100::BIGINT AS distance, 'AAA' AS origin,
                'BBB' AS destination FROM range(10) r(i)) TO '{file}' (FORMAT parquet)
            """);

        Ended run = await Cli.FlightsAsync("compute", "delays_by_origin", file);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1 windows of 9 rows", run.Error, StringComparison.Ordinal);
        Assert.Contains($"{file}, row group 0, row 7: The event fails the check 'plausible delay'.", run.Error, StringComparison.Ordinal);
        Assert.Contains("AAA,2001-01-01T00:00:00Z,2001-01-01T01:00:00Z,9,38,100,0,9", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_command_with_the_same_output_leaves_the_first_one_s_file_alone()
    {
        Directory.CreateDirectory(_folder.Data);
        string output = Path.Combine(_folder.Data, "windows.csv");
        await using FileStream first = new($"{output}.part", FileMode.Create, FileAccess.Write, FileShare.None);

        (await Cli.FlightsAsync("compute", "delays_by_origin", Flights, "--output", output)).MustFail(1, "windows.csv.part");

        Assert.True(File.Exists($"{output}.part"));
    }

    private static IEnumerable<string> Lines(string sql) => Duck.Query(sql).Select(row => string.Join('|', row));
}

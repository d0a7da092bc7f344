using System.Globalization;
using System.Text.Json;
using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public sealed class QualityCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_last_reports_are_shown_as_text_and_json_and_a_block_is_the_exit_code()
    {
        await IngestAsync(Flight(1, 5));
        (await Cli.FlightsAsync("batch", "run", "--data", _folder.Data)).MustSucceed();
        await IngestAsync(Flight(2, 99_999));
        await Cli.FlightsAsync("batch", "run", "--data", _folder.Data);

        Ended text = await QualityAsync("flights");
        Ended json = await QualityAsync("flights", "--limit", "1", "--format", "json");

        Assert.Equal((3, ""), (text.ExitCode, text.Error));
        string[] lines = text.Output.Split('\n');
        Assert.StartsWith("flights, generation 2: blocked", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("flights, generation 1: passed", StringComparison.Ordinal));
        int failed = Array.FindIndex(lines, line => line.StartsWith("  BLOCKS  range of distance.", StringComparison.Ordinal));
        Assert.Contains("but none was expected", lines[failed], StringComparison.Ordinal);
        Assert.Contains("1 row fails, such as", lines[failed + 1], StringComparison.Ordinal);
        Assert.Contains("\"distance\":99999", lines[failed + 2], StringComparison.Ordinal);
        Assert.Equal(3, json.ExitCode);
        using JsonDocument reports = JsonDocument.Parse(json.Output);
        JsonElement check = Assert.Single(reports.RootElement.EnumerateArray()).GetProperty("checks").EnumerateArray()
            .Single(check => check.GetProperty("name").GetString() == "range of distance");
        Assert.Equal(("none", 1L), (check.GetProperty("expected").GetString(), check.GetProperty("failingRows").GetInt64()));
        Assert.True(check.GetProperty("sampleRows")[0].TryGetProperty("_offset", out _));
    }

    [Fact]
    public async Task A_profile_describes_the_columns_and_proposes_checks_to_paste()
    {
        await IngestAsync([.. Enumerable.Range(0, 200).Select(i => Flight(i, 100 + i))]);

        Ended text = (await QualityAsync("profile", "flights")).MustSucceed();
        Ended json = (await QualityAsync("profile", "--format", "json")).MustSucceed();
        Ended none = (await QualityAsync()).MustSucceed();

        Assert.Contains("no generation has been audited yet", none.Output, StringComparison.Ordinal);
        Assert.All(
            [
                "flights: 200 events in the history", "  distance: Int64, no nulls, about ", "      from 100 to 299, mean 199.5 ± 57.879", "quantiles: 5% ",
                "      most frequent: DFW (100), ORD (100)", "      all match F[0-9]{6}", "    .Expect(e => e.RowCount(atLeast: 100))",
                "    .Expect(e => e.Uniqueness(f => f.Id))", "    .Expect(e => e.Range(f => f.Delay, -3, 3))",
                "    .Expect(e => e.AllowedValues(f => f.Destination, \"DFW\", \"ORD\"))", "    .Expect(e => e.Pattern(f => f.Id, \"F[0-9]{6}\"))",
            ],
            part => Assert.Contains(part, text.Output, StringComparison.Ordinal));
        using JsonDocument profile = JsonDocument.Parse(json.Output);
        Assert.Equal(200, profile.RootElement.GetProperty("rows").GetInt64());
        Assert.Equal(6, profile.RootElement.GetProperty("columns").GetArrayLength());
    }

    [Fact]
    public async Task What_cannot_be_shown_is_told()
    {
        (await QualityAsync("trains")).MustFail(2, "no stream 'trains'", "flights");
        (await QualityAsync("profile", "flights")).MustFail(1, "There is no data folder");
        (await QualityAsync("flights", "--limit", "0")).MustFail(2, "from 1 to 1000");
    }

    private static string Flight(int number, int distance) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":"F{{number:D6}}","date":"2001-01-14T{{number % 24:D2}}:00:00Z","delay":{{(number % 7) - 3}},"distance":{{distance}},"origin":"ATL","destination":"{{(number % 2 == 0 ? "DFW" : "ORD")}}"}""");

    private async Task IngestAsync(params string[] lines) =>
        (await Cli.RunAsync("Flights", ["ingest", "-", "--data", _folder.Data], string.Join('\n', lines), null)).MustSucceed();

    private Task<Ended> QualityAsync(params string[] arguments) => Cli.FlightsAsync(["quality", .. arguments, "--data", _folder.Data]);
}

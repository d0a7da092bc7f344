using System.Text.Json;
using DuckDB.NET.Data;
using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public sealed class BatchCommandTests : IDisposable
{
    private const string Good = """{"id":"1","date":"2001-01-14T23:00:00Z","delay":1,"distance":5,"origin":"ATL","destination":"DFW"}""";
    private const string TooFar = """{"id":"2","date":"2001-01-14T23:00:01Z","delay":1,"distance":99999,"origin":"ATL","destination":"DFW"}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_environment_says_what_is_logged()
    {
        string[] command = ["batch", "run", "--data", _folder.Data];
        Ended quiet = await Cli.RunAsync("Flights", command, input: null, environment: null);
        Ended told = await Cli.RunAsync(
            "Flights", command, input: null, new Dictionary<string, string> { ["Logging__LogLevel__Lambda.Batch"] = "Information" });

        Assert.DoesNotContain("info: Lambda.Batch", quiet.Error, StringComparison.Ordinal);
        Assert.Contains("info: Lambda.Batch", told.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_generation_is_verified_and_what_damaged_it_is_put_right_by_a_run_over_everything()
    {
        (await VerifyAsync()).MustSucceed();
        await IngestAsync(Good);
        (await Cli.FlightsAsync("batch", "run", "--data", _folder.Data)).MustSucceed();
        Assert.Contains("flights: generation 1 is as it was published; 2 partial results were read", (await VerifyAsync()).MustSucceed().Output, StringComparison.Ordinal);

        using (DuckDBConnection connection = new($"DataSource={Path.Combine(_folder.Data, "store", "views.duckdb")}"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            using DuckDBCommand command = connection.CreateCommand();
            command.CommandText = "DELETE FROM batch_1";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        Ended damaged = await VerifyAsync();
        damaged.MustFail(1, "generation 1 is not in the store as it was published; 1 partial result was read. Have everything computed anew with 'batch run --full'");
        Assert.Contains(
            "flights, view 'delays_by_origin', results that begin from 2001-01-14 to before 2001-01-15: the store holds 0, and 1 were published", damaged.Output, StringComparison.Ordinal);
        (await Cli.FlightsAsync("batch", "run", "--full", "--data", _folder.Data)).MustSucceed();
        Assert.Contains("generation 2 is as it was published", (await VerifyAsync()).MustSucceed().Output, StringComparison.Ordinal);

        Task<Ended> VerifyAsync() => Cli.FlightsAsync("batch", "verify", "--data", _folder.Data);
    }

    // Hangfire logged the blocked run as a crash, with a stack trace, before the command said what had happened.
    [Fact]
    public async Task A_blocked_audit_is_told_in_one_line_that_names_the_check_and_leaves_what_was_served()
    {
        await IngestAsync(Good);
        (await Cli.FlightsAsync("batch", "run", "--data", _folder.Data)).MustSucceed();
        string before = await BatchRowsAsync();
        await IngestAsync(TooFar);

        Ended blocked = await Cli.FlightsAsync("batch", "run", "--data", _folder.Data);

        blocked.MustFail(3, "the audit blocked the generation", "range of distance", "'quality' shows the checks");
        Assert.Single(blocked.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(before, await BatchRowsAsync());
        Assert.Contains("99999", (await Cli.FlightsAsync("status", "--data", _folder.Data)).MustSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_shows_what_would_change_and_an_earlier_generation_serves_again()
    {
        await IngestAsync(Good);
        (await Cli.FlightsAsync("batch", "run", "--data", _folder.Data)).MustSucceed();
        string first = await BatchRowsAsync();
        await IngestAsync(Good);

        string rehearsed = (await Cli.FlightsAsync("batch", "run", "--dry-run", "--data", _folder.Data)).MustSucceed().Output;
        Assert.Contains("Nothing was published. A publication would pass the audit: 1 new event", rehearsed, StringComparison.Ordinal);
        Assert.Contains("\"flights\":2", rehearsed, StringComparison.Ordinal);
        Assert.Contains("duplicates 1", rehearsed, StringComparison.Ordinal);
        Assert.Equal(first, await BatchRowsAsync());
        string full = (await Cli.FlightsAsync("batch", "run", "--full", "--data", _folder.Data)).MustSucceed().Output;
        Assert.Contains("2 events up to", full, StringComparison.Ordinal);

        (await Cli.FlightsAsync("batch", "rollback", "--generation", "99", "--data", _folder.Data)).MustFail(1, "is not kept");
        (await Cli.FlightsAsync("batch", "rollback", "--generation", "1", "--data", _folder.Data)).MustSucceed();
        string listed = (await Cli.FlightsAsync("batch", "generations", "--data", _folder.Data)).MustSucceed().Output;
        Assert.Contains("generation 1 current", listed, StringComparison.Ordinal);
        Assert.Equal(first, await BatchRowsAsync());
    }

    [Fact]
    public async Task A_range_is_computed_anew_and_one_that_makes_no_sense_is_refused()
    {
        await IngestAsync(Good);
        (await Cli.FlightsAsync("batch", "run", "--data", _folder.Data)).MustSucceed();

        string ranged = (await Cli.FlightsAsync("batch", "run", "--from", "2001-01-01", "--data", _folder.Data)).MustSucceed().Output;

        Assert.Contains("carried over from generation 1 but the windows of 1 event in the range, computed anew", ranged, StringComparison.Ordinal);
        (await Cli.FlightsAsync("batch", "run", "--from", "2002-01-01", "--to", "2001-01-01", "--data", _folder.Data)).MustFail(2, "The time range is empty");
        (await Cli.FlightsAsync("batch", "run", "--full", "--to", "2001-01-01", "--data", _folder.Data)).MustFail(2, "--full computes all windows");
    }

    private async Task IngestAsync(string line) =>
        (await Cli.RunAsync("Flights", ["ingest", "-", "--data", _folder.Data], line, null)).MustSucceed();

    private async Task<string> BatchRowsAsync()
    {
        string answer = (await Cli.FlightsAsync("query", "delays_by_origin", "--layer", "batch", "--format", "json", "--data", _folder.Data)).MustSucceed().Output;
        using JsonDocument document = JsonDocument.Parse(answer);
        return $"{document.RootElement.GetProperty("generation")} {document.RootElement.GetProperty("rows")}";
    }
}

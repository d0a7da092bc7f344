using System.Text.Json;
using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public sealed class BatchCommandTests : IDisposable
{
    private const string Good = """{"id":"1","date":"2001-01-14T23:00:00Z","delay":1,"distance":5,"origin":"ATL","destination":"DFW"}""";
    private const string TooFar = """{"id":"2","date":"2001-01-14T23:00:01Z","delay":1,"distance":99999,"origin":"ATL","destination":"DFW"}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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

    private async Task IngestAsync(string line) =>
        (await Cli.RunAsync("Flights", ["ingest", "-", "--data", _folder.Data], line, null)).MustSucceed();

    private async Task<string> BatchRowsAsync()
    {
        string answer = (await Cli.FlightsAsync("query", "delays_by_origin", "--layer", "batch", "--format", "json", "--data", _folder.Data)).MustSucceed().Output;
        using JsonDocument document = JsonDocument.Parse(answer);
        return $"{document.RootElement.GetProperty("generation")} {document.RootElement.GetProperty("rows")}";
    }
}

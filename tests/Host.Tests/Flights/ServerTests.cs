using System.Net;
using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Flights;

/// <summary>A server holds the data folder, and commands of other processes use it.</summary>
public sealed class ServerTests(MainJob job) : IClassFixture<MainJob>
{
    private const string Event = """{"id":"late one","date":"2001-01-01T00:30:00Z","delay":1,"distance":5,"origin":"ATL","destination":"DFW"}""";

    [Fact]
    public async Task Commands_work_while_a_server_holds_the_folder_and_it_ends_when_asked_to()
    {
        (Cli server, Uri address) = await Cli.ServeFlightsAsync(job.Data);
        using (server)
        {
            using HttpClient http = new() { BaseAddress = address };
            foreach (string page in (string[])["", "hangfire", "docs", "api/streams", "internal/nothing"])
            {
                HttpStatusCode expected = page == "internal/nothing" ? HttpStatusCode.NotFound : HttpStatusCode.OK;
                Assert.Equal(expected, (await http.GetAsync(new Uri(page, UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
            }

            // Keys of texts may be long, as may cursors that hold them.
            Uri longFilter = new($"api/views/delays_by_origin?origin={new string('x', 60_000)}", UriKind.Relative);
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(longFilter, TestContext.Current.CancellationToken)).StatusCode);

            // By the folder that the server holds, and by its address.
            Ended health = (await Cli.FlightsAsync("health", "--data", job.Data)).MustSucceed();
            Assert.StartsWith($"{address}: ready", health.Output, StringComparison.Ordinal);
            (await Cli.FlightsAsync("health", "--server", $"{address}", "--parts", "store,log")).MustSucceed();
            (await Cli.FlightsAsync("health", "--server", $"{address}", "--parts", "heart")).MustFail(2, "store");

            Ended busy = await Cli.FlightsAsync("run", "--data", job.Data);
            busy.MustFail(4, $"process {server.Id}", "'run'");
            Assert.Contains("228,738 events taken", (await Cli.FlightsAsync("status", "--data", job.Data)).MustSucceed().Output, StringComparison.Ordinal);
            string row = (await Cli.FlightsAsync("query", "delays_by_origin", "--key", "ATL", "--from", "2001-01-01", "--to", "2001-01-01T01:00Z", "--format", "csv", "--data", job.Data))
                .MustSucceed().Output;
            Assert.Contains("ATL,2001-01-01T00:00:00Z,2001-01-01T01:00:00Z,14,948,", row, StringComparison.Ordinal);
            Ended without = (await Cli.FlightsAsync("query", "routes_by_day", "--is-null", "origin", "--is-null", "destination", "--format", "csv", "--data", job.Data)).MustSucceed();
            Assert.Single(without.Output.TrimEnd().Split('\n'));
            Ended cut = (await Cli.FlightsAsync("query", "delays_by_origin", "--limit", "2", "--format", "csv", "--data", job.Data)).MustSucceed();
            Assert.Equal(3, cut.Output.TrimEnd().Split('\n').Length);
            Assert.Contains("more rows than were printed. Raise --limit", cut.Error, StringComparison.Ordinal);
            Assert.Contains("Conservation holds", (await Cli.FlightsAsync("compare", "routes_by_day", "--data", job.Data)).MustSucceed().Output, StringComparison.Ordinal);

            Ended ingest = await Cli.RunAsync("Flights", ["ingest", "-", "--data", job.Data], $"{Event}\nnot json\n{Event}\n", null);
            Assert.Contains("3 events of the standard input appended", ingest.MustSucceed().Output, StringComparison.Ordinal);
            Ended batch = (await Cli.FlightsAsync("batch", "run", "--data", job.Data)).MustSucceed();
            Assert.Contains("1 repetition", batch.Output, StringComparison.Ordinal);
            Assert.Matches(
                @"without [\d,]+ late events\.",
                (await Cli.FlightsAsync("query", "delays_by_origin", "--layer", "speed", "--data", job.Data)).MustSucceed().Output);
            row = (await Cli.FlightsAsync("query", "delays_by_origin", "--key", "ATL", "--from", "2001-01-01", "--to", "2001-01-01T01:00Z", "--format", "csv", "--data", job.Data))
                .MustSucceed().Output;
            Assert.Contains("ATL,2001-01-01T00:00:00Z,2001-01-01T01:00:00Z,15,949,", row, StringComparison.Ordinal);

            Ended ended = (await server.TerminateAsync()).MustSucceed();
            Assert.Contains("Stopped.", ended.Output, StringComparison.Ordinal);
            Assert.Equal("", ended.Error);
        }

        Assert.Contains("228,739", (await Cli.FlightsAsync("--once", "--data", job.Data)).MustSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_asked_to_end_while_it_brings_itself_up_to_date_ends()
    {
        (Cli server, _) = await Cli.ServeFlightsAsync(job.Data);
        using (server)
        {
            Ended ended = (await server.TerminateAsync()).MustSucceed();

            Assert.Contains("Stopped.", ended.Output, StringComparison.Ordinal);
            Assert.Equal("", ended.Error);
        }
    }
}

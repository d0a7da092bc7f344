using System.Text;
using System.Text.Json;
using Lambda.Host.Tests.Support;
using Lambda.Log;
using Lambda.Log.Embedded;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public sealed class QuarantineCommandTests : IDisposable
{
    private const string Good = """{"id":"f1","date":"2001-01-14T06:10:00Z","delay":1,"distance":300,"origin":"ATL","destination":"DFW"}""";
    private const string Refused = """{"id":"f2","date":"2001-01-14T06:20:00Z","delay":2,"distance":300,"origin":"ATL","destination":"DFW"}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The clock of the machine that appended was ten years behind, so that all it was sent was of the future.</summary>
    [Fact]
    public async Task Refused_records_are_listed_and_submitted_again_and_what_is_refused_again_is_told()
    {
        (await Cli.RunAsync("Flights", ["ingest", "-", "--data", _folder.Data], "", null)).MustSucceed();
        await AppendAsync(new DateTimeOffset(1991, 1, 14, 7, 0, 0, TimeSpan.Zero), Refused);
        (await Cli.RunAsync("Flights", ["ingest", "-", "--data", _folder.Data], $"{Good}\nnot json", null)).MustSucceed();
        (await Cli.FlightsAsync("batch", "run", "--data", _folder.Data)).MustSucceed();

        Ended table = (await QuarantineAsync()).MustSucceed();
        Ended json = (await QuarantineAsync("flights", "--reason", "malformed", "--format", "json")).MustSucceed();
        Ended none = (await QuarantineAsync("--reason", "checkFailed")).MustSucceed();
        Ended asked = await QuarantineAsync("resubmit", "--reason", "futureEventTime");
        Ended first = (await QuarantineAsync("resubmit", "flights", "--reason", "futureEventTime", "--yes")).MustSucceed();
        Ended all = await QuarantineAsync("resubmit", "--yes");
        (await Cli.FlightsAsync("batch", "run", "--data", _folder.Data)).MustSucceed();
        Ended counted = (await Cli.FlightsAsync("query", "delays_by_origin", "--format", "csv", "--data", _folder.Data)).MustSucceed();

        Assert.All(["flights: 2 records in quarantine", "malformed", "futureEventTime", "not json", "f2"], part => Assert.Contains(part, table.Output, StringComparison.Ordinal));
        using JsonDocument listed = JsonDocument.Parse(json.Output);
        Assert.Equal("malformed", Assert.Single(listed.RootElement.GetProperty("records").EnumerateArray()).GetProperty("reason").GetString());
        Assert.Contains("flights: no such record is in quarantine", none.Output, StringComparison.Ordinal);
        Assert.Equal(1, asked.ExitCode);
        Assert.Contains("Nothing was submitted.", asked.Output, StringComparison.Ordinal);
        Assert.Contains("flights: 1 record submitted again", first.Output, StringComparison.Ordinal);

        // What was submitted again stays listed, and is dropped as a repetition the second time.
        Assert.Contains("2 records are to be appended to the log again: futureEventTime 1, malformed 1.", all.Output, StringComparison.Ordinal);
        Assert.Contains("flights: 1 record submitted again, 1 was refused again", all.Output, StringComparison.Ordinal);
        Assert.Equal(1, all.ExitCode);
        Assert.Contains("body of the request", all.Error, StringComparison.Ordinal);
        Assert.Contains("ATL", counted.Output, StringComparison.Ordinal);
        Assert.Equal("2", counted.Output.Split('\n')[1].Split(',')[Array.IndexOf(counted.Output.Split('\n')[0].Trim().Split(','), "flights")]);
    }

    [Theory]
    [InlineData("--reason", "ugly", "ugly")]
    [InlineData("--limit", "0", "from 1 to 1000")]
    public async Task What_there_is_not_is_refused(string option, string value, string told)
    {
        (await Cli.RunAsync("Flights", ["ingest", "-", "--data", _folder.Data], Good, null)).MustSucceed();

        (await QuarantineAsync(option, value)).MustFail(2, told);
    }

    private Task<Ended> QuarantineAsync(params string[] arguments) => Cli.FlightsAsync(["quarantine", .. arguments, "--data", _folder.Data]);

    private async Task AppendAsync(DateTimeOffset time, string value)
    {
        await using EmbeddedLog log = EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Path.Combine(_folder.Data, "log") }, new StoppedClock(time));
        using RecordBatch batch = new();
        batch.Add("ATL"u8, Encoding.UTF8.GetBytes(value));
        await log.AppendAsync("flights", batch, TestContext.Current.CancellationToken);
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

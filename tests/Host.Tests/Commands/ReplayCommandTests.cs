using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public sealed class ReplayCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_stream_is_replayed_promoted_listed_and_dropped()
    {
        const string Flight = """{"id":"1","date":"2001-01-14T23:00:00Z","delay":1,"distance":5,"origin":"ATL","destination":"DFW"}""";
        (await Cli.RunAsync("Flights", ["ingest", "-", "--data", _folder.Data], Flight, null)).MustSucceed();

        string started = (await ReplayAsync("start")).MustSucceed().Output;
        Assert.Contains("replay 1 is complete. To have it answer: replay promote 1", started, StringComparison.Ordinal);
        Assert.Contains("flights: replay 0 answers\n", (await ReplayAsync("list")).MustSucceed().Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        (await ReplayAsync("promote", "7")).MustFail(2, "has no replay 7");
        (await ReplayAsync("promote", "1")).MustSucceed();
        string listed = (await ReplayAsync("list")).MustSucceed().Output;
        Assert.Contains("replay 0 is kept", listed, StringComparison.Ordinal);
        Assert.Contains("replay 1 answers, since 2", listed, StringComparison.Ordinal);
        (await ReplayAsync("drop", "0")).MustSucceed();
        (await ReplayAsync("drop", "1")).MustFail(1, "is the one that answers");
    }

    private Task<Ended> ReplayAsync(params string[] arguments) => Cli.FlightsAsync(["replay", .. arguments, "--data", _folder.Data]);
}

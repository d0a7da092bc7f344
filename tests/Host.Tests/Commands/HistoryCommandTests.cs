using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public sealed class HistoryCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_history_is_shown_verified_compacted_and_vacuumed_and_a_damaged_file_is_named()
    {
        for (int run = 1; run <= 2; run++)
        {
            string line = $$"""{"id":"{{run}}","date":"2001-01-14T23:00:0{{run}}Z","delay":1,"distance":5,"origin":"ATL","destination":"DFW"}""";
            (await Cli.RunAsync("Flights", ["ingest", "-", "--data", _folder.Data], line, null)).MustSucceed();
            (await HistoryAsync("batch", "run")).MustSucceed();
        }

        Assert.Contains("events, quarantine", string.Join(", ", Tables((await HistoryAsync("history")).MustSucceed().Output)), StringComparison.Ordinal);
        Assert.Contains("2 rows of version 2 were read", (await HistoryAsync("history", "verify")).MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("events: 2 files became 1", (await HistoryAsync("history", "compact")).MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains(
            "events: 0 files with 0 bytes and 0 files of the log would be deleted",
            (await HistoryAsync("history", "vacuum", "--dry-run")).MustSucceed().Output,
            StringComparison.Ordinal);
        Assert.Contains("1 row of version 1 were read", (await HistoryAsync("history", "verify", "--as-of", "1")).MustSucceed().Output, StringComparison.Ordinal);
        (await HistoryAsync("history", "--as-of", "yesterday")).MustFail(2, "'yesterday' is no point of a history");
        (await HistoryAsync("history", "--as-of", "1.5")).MustFail(2, "'1.5' is no point of a history");
        (await HistoryAsync("history", "--as-of", "77")).MustFail(1, "has no version 77; its newest is 3");

        string damaged = Directory.GetFiles(Path.Combine(_folder.Data, "history", "flights", "events", "_date=2001-01-14"), "*.parquet")
            .OrderBy(File.GetLastWriteTimeUtc).Last();
        await File.WriteAllTextAsync(damaged, "x", TestContext.Current.CancellationToken);
        Ended found = await HistoryAsync("history", "verify");
        found.MustFail(1, "its history has");
        Assert.Contains($"flights, events: {damaged}: ", found.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_counted_deleted_and_no_longer_in_answers()
    {
        string lines = string.Join('\n', from hour in Enumerable.Range(0, 4)
                                         from origin in (string[])["ATL", "ORD"]
                                         select $$"""{"id":"{{origin}}{{hour}}","date":"2001-01-14T0{{hour}}:00:00Z","delay":1,"distance":5,"origin":"{{origin}}","destination":"DFW"}""");
        (await Cli.RunAsync("Flights", ["ingest", "-", "--data", _folder.Data], lines, null)).MustSucceed();
        (await HistoryAsync("batch", "run")).MustSucceed();

        Assert.Contains(
            "2001-01-14: 3 events", (await HistoryAsync("history", "delete", "--where", "origin = 'ATL' AND id <> 'ATL2'", "--dry-run")).MustSucceed().Output,
            StringComparison.Ordinal);
        Ended deleted = (await HistoryAsync("history", "delete", "--where", "origin = 'ATL' AND id <> 'ATL2'")).MustSucceed();
        Assert.Contains("3 events of 1 date deleted, in 1 file", deleted.Output, StringComparison.Ordinal);
        Assert.Contains("events were deleted from the history since generation 1", deleted.Output, StringComparison.Ordinal);

        string answer = (await HistoryAsync("query", "delays_by_origin", "--format", "csv")).MustSucceed().Output;
        Assert.Single(answer.Split('\n'), line => line.Contains("ATL", StringComparison.Ordinal));
        Assert.Equal(4, answer.Split('\n').Count(line => line.Contains("ORD", StringComparison.Ordinal)));

        // Five events, and three ranges of offsets that were deleted.
        Assert.Contains("with 8 rows of version", (await HistoryAsync("history", "verify")).MustSucceed().Output, StringComparison.Ordinal);
        (await HistoryAsync("history", "delete", "--where", "origin = ")).MustFail(1, "The condition cannot be read");
        (await HistoryAsync("history", "delete")).MustFail(2, "--where");
    }

    [Fact]
    public async Task A_deletion_whose_run_came_to_nothing_is_finished_by_the_same_command()
    {
        string[] deletion = ["history", "delete", "--where", "origin = 'ATL'"];
        await IngestAsync("ATL");
        (await HistoryAsync("batch", "run")).MustSucceed();

        // Without any event the audit blocks, and what is served still has them.
        Ended blocked = await HistoryAsync(deletion);
        Assert.True(blocked.ExitCode == 3, $"Exit code {blocked.ExitCode}.{Environment.NewLine}{blocked.Output}{Environment.NewLine}{blocked.Error}");
        await IngestAsync("ORD");
        Ended again = (await HistoryAsync(deletion)).MustSucceed();

        Assert.Contains("0 events of 0 dates deleted", again.Output, StringComparison.Ordinal);
        string answer = (await HistoryAsync("query", "delays_by_origin", "--format", "csv")).MustSucceed().Output;
        Assert.DoesNotContain("ATL", answer, StringComparison.Ordinal);
        Assert.Contains("ORD", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_history_is_refused_until_somebody_takes_it_for_the_streams()
    {
        await IngestAsync("ATL");
        await IngestAsync("ORD");
        (await HistoryAsync("batch", "run")).MustSucceed();
        (await HistoryAsync("history", "delete", "--where", "origin = 'ATL'")).MustSucceed();
        Assert.DoesNotContain("problem ", (await HistoryAsync("status")).MustSucceed().Output, StringComparison.Ordinal);
        string history = Path.Combine(_folder.Data, "history");
        string aside = Path.Combine(_folder.Data, "aside");
        Directory.Move(history, aside);

        (await HistoryAsync("batch", "run")).MustFail(1, "There is none at");
        Assert.Matches(
            "problem     Stream 'flights': generation 2, which is served, was computed from the history .* There is none at .*history adopt --stream flights",
            (await HistoryAsync("status")).MustSucceed().Output);
        Assert.False(Directory.Exists(Path.Combine(history, "flights")));
        (await HistoryAsync("history", "adopt")).MustSucceed();

        // The log has what was deleted.
        (await HistoryAsync("batch", "run")).MustFail(3, "the number of events changes without a reason");
        Ended deleted = (await HistoryAsync("history", "delete", "--where", "origin = 'ATL'")).MustSucceed();
        Assert.Contains("it is not known any more what generation 2 was computed from", deleted.Output, StringComparison.Ordinal);

        // The one from before is another one now.
        Directory.Delete(history, recursive: true);
        Directory.Move(aside, history);
        (await HistoryAsync("batch", "run")).MustFail(1, "Another one, ");
        Assert.Matches("problem     Stream 'flights': generation 4.* Another one, ", (await HistoryAsync("status")).MustSucceed().Output);
    }

    private async Task IngestAsync(string origin)
    {
        string line = $$"""{"id":"{{origin}}","date":"2001-01-14T01:00:00Z","delay":1,"distance":5,"origin":"{{origin}}","destination":"DFW"}""";
        (await Cli.RunAsync("Flights", ["ingest", "-", "--data", _folder.Data], line, null)).MustSucceed();
    }

    private Task<Ended> HistoryAsync(params string[] arguments) => Cli.FlightsAsync([.. arguments, "--data", _folder.Data]);

    private static IEnumerable<string> Tables(string output) => output.Split('\n')
        .Select(line => line.Trim().Split(' ')[0]).Where(word => word is "events" or "quarantine" or "voids");
}

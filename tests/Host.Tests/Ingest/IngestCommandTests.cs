using System.Text.Json;
using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Ingest;

public sealed class IngestCommandTests : IDisposable
{
    private const string Good = """{"id":"x1","date":"2001-01-14T23:00:00Z","delay":1,"distance":5,"origin":"ATL","destination":"DFW"}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Bad_lines_are_quarantined_and_counted_apart_from_good_ones()
    {
        string file = _folder.Write("events.ndjson", $"{Good}\nnot json\n{Good.Replace("2001-01-14T23:00:00Z", "soon", StringComparison.Ordinal)}\n\n[1]\n{Good}\n");

        Ended ended = (await Cli.FlightsAsync("ingest", file, "--data", _folder.Data)).MustSucceed();

        Assert.Contains("5 events of", ended.Output, StringComparison.Ordinal);
        Assert.Contains("3 records went to quarantine", ended.Output, StringComparison.Ordinal);
        JsonElement stream = await StatusAsync();
        Assert.Equal(2, stream.GetProperty("accepted").GetInt64());
        Assert.Equal(3, stream.GetProperty("quarantined").EnumerateObject().Sum(reason => reason.Value.GetInt64()));
    }

    [Fact]
    public async Task Lines_come_from_the_standard_input_too()
    {
        (await Cli.RunAsync("Flights", ["ingest", "-", "--data", _folder.Data], Good, null)).MustSucceed();

        Assert.Equal(1, (await StatusAsync()).GetProperty("accepted").GetInt64());
    }

    [Fact]
    public async Task An_empty_file_is_no_events()
    {
        string file = _folder.Write("empty.ndjson", "");

        Assert.Contains("0 events of", (await Cli.FlightsAsync("ingest", file, "--data", _folder.Data)).MustSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_too_long_is_refused_by_its_number_and_the_others_are_appended()
    {
        string file = _folder.Write("long.ndjson", $"{Good}\n\"{new string('x', 1 << 21)}\"\n{Good}\n");

        Ended ended = await Cli.FlightsAsync("ingest", file, "--data", _folder.Data);

        ended.MustFail(1, "1 record of", "2 (2,097,154 bytes)", "MaxRecordBytes");
        Assert.Contains("2 events of", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_Parquet_file_is_refused_and_nothing_is_appended()
    {
        byte[] flights = await File.ReadAllBytesAsync(
            Path.Combine(AppContext.BaseDirectory, "data", "flights-2001-01.parquet"), TestContext.Current.CancellationToken);
        string file = _folder.Write("cut.parquet", flights.AsSpan(0, flights.Length / 2));

        (await Cli.FlightsAsync("ingest", file, "--data", _folder.Data)).MustFail(1, "cut.parquet", "a part of it is missing", "Nothing was appended");
        Assert.False(Directory.Exists(_folder.Data));
    }

    [Theory]
    [InlineData("empty.parquet", "", "it is empty")]
    [InlineData("foreign.parquet", "id,date,delay\n", "does not begin with the bytes 'PAR1'")]
    public async Task What_is_no_Parquet_file_is_refused_with_the_reason(string name, string content, string reason) =>
        (await Cli.FlightsAsync("ingest", _folder.Write(name, content), "--data", _folder.Data)).MustFail(1, name, reason);

    [Fact]
    public async Task A_file_that_is_not_there_is_named() =>
        (await Cli.FlightsAsync("ingest", "nowhere.ndjson", "--data", _folder.Data)).MustFail(1, "no file 'nowhere.ndjson'");

    /// <summary>The records were appended where others had been, and never computed.</summary>
    [Fact]
    public async Task Nothing_is_appended_to_a_log_that_was_restored_from_an_older_copy()
    {
        string file = _folder.Write("events.ndjson", $"{Good}\n");
        string log = Path.Combine(_folder.Data, "log");
        string copy = Path.Combine(_folder.Data, "..", "copy-of-log");
        (await Cli.FlightsAsync("ingest", file, "--data", _folder.Data)).MustSucceed();
        CopyFolder(log, copy);
        (await Cli.FlightsAsync("ingest", file, "--data", _folder.Data)).MustSucceed();
        Directory.Delete(log, recursive: true);
        Directory.Move(copy, log);

        Ended ended = await Cli.FlightsAsync("ingest", file, "--data", _folder.Data);

        ended.MustFail(1, "the log ends at offset 1, but it has been computed up to 2", "Restore the log");
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private async Task<JsonElement> StatusAsync()
    {
        Ended status = (await Cli.FlightsAsync("status", "--format", "json", "--data", _folder.Data)).MustSucceed();
        return JsonDocument.Parse(status.Output).RootElement.GetProperty("streams")[0];
    }
}

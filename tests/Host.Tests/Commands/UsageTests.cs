using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public class UsageTests
{
    [Fact]
    public async Task Help_teaches_with_examples_views_and_exit_codes()
    {
        Ended help = (await Cli.FlightsAsync("--help")).MustSucceed();

        Assert.All(
            ["ingest", "batch", "query", "compare", "status", "Examples:", "Flights query delays_by_origin", "routes_by_day", "Exit codes:", "an audit blocked"],
            part => Assert.Contains(part, help.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ingest", "ingest events.ndjson")]
    [InlineData("query", "query delays_by_origin --order -flights")]
    [InlineData("compare", "compare delays_by_origin")]
    [InlineData("quality", "quality profile flights")]
    [InlineData("quarantine", "quarantine flights --reason malformed,wrongType")]
    public async Task Help_of_a_command_shows_how_to_call_it(string command, string example) =>
        Assert.Contains(example, (await Cli.FlightsAsync(command, "--help")).MustSucceed().Output, StringComparison.Ordinal);

    [Fact]
    public async Task An_unknown_command_is_wrong_usage() =>
        (await Cli.FlightsAsync("frobnicate")).MustFail(2, "frobnicate", "'Flights --help'");

    [Fact]
    public async Task An_option_that_is_not_one_is_wrong_usage_and_help_of_that_command_is_named() =>
        (await Cli.FlightsAsync("query", "delays_by_origin", "--colour", "red")).MustFail(2, "--colour", "'Flights query --help'");

    [Theory]
    [InlineData("query")]
    [InlineData("compare")]
    public async Task An_unknown_view_is_told_which_there_are(string command) =>
        (await Cli.FlightsAsync(command, "delays")).MustFail(2, "no view 'delays'", "delays_by_origin, routes_by_day");

    [Fact]
    public async Task An_unknown_stream_is_told_which_there_are() =>
        (await Cli.FlightsAsync("batch", "run", "--stream", "trains")).MustFail(2, "no stream 'trains'", "flights");

    [Fact]
    public async Task A_time_range_that_ends_before_it_begins_is_refused() =>
        (await Cli.FlightsAsync("query", "delays_by_origin", "--from", "2001-01-03", "--to", "2001-01-02"))
            .MustFail(2, "--from 2001-01-03 is not before --to 2001-01-02");

    [Theory]
    [InlineData("yesterday")]
    [InlineData("1.2.2001")]
    [InlineData("10:00")]
    public async Task What_is_no_time_is_refused_with_one_that_is(string text) =>
        (await Cli.FlightsAsync("compare", "delays_by_origin", "--to", text)).MustFail(2, $"'{text}'", "--to", "2001-01-01T06:00:00Z");

    [Theory]
    [InlineData("2001-01-03T00:00Z")]
    [InlineData("2001-01-03 00:00:00.5")]
    [InlineData("2001-01-03T01:00:00+01:00")]
    public async Task Times_are_taken_in_ISO_8601(string text) =>
        (await Cli.FlightsAsync("query", "delays_by_origin", "--from", text, "--to", "2001-01-02")).MustFail(2, $"--from {text} is not before --to 2001-01-02");

    [Fact]
    public async Task What_is_no_number_of_rows_is_refused_in_words() =>
        Assert.DoesNotContain("System.", (await Cli.FlightsAsync("query", "delays_by_origin", "--limit", "ten")).Error, StringComparison.Ordinal);

    /// <summary>Its variable would be read as a section whose setting begins with an underscore.</summary>
    [Fact]
    public async Task A_name_that_no_variable_can_have_is_refused_for_a_key() => (await Cli.FlightsAsync("key", "a_")).MustFail(2, "'a_'", "none at the end");

    [Fact]
    public async Task A_data_folder_without_a_name_is_refused() => (await Cli.FlightsAsync("run", "--once", "--data", "")).MustFail(2, "no name", "--data");

    [Fact]
    public async Task A_key_that_the_view_does_not_have_is_told_which_it_has() =>
        (await Cli.FlightsAsync("query", "routes_by_day", "--key", "carrier=AA")).MustFail(2, "carrier=AA", "origin, destination");

    /// <summary>It was taken for a file with arguments.</summary>
    [Fact]
    public async Task A_value_that_begins_with_an_at_sign_is_one() =>
        (await Cli.FlightsAsync("query", "routes_by_day", "--key", "@AA")).MustFail(2, "no key part for --key @AA");

    [Fact]
    public async Task A_key_part_that_is_to_be_null_must_be_one_of_the_views() =>
        (await Cli.FlightsAsync("query", "routes_by_day", "--is-null", "carrier")).MustFail(2, "--is-null carrier", "origin, destination");

    [Theory]
    [InlineData("http://0.0.0.0:8080", "loopback")]
    [InlineData("ftp://127.0.0.1", "no address to listen at")]
    public async Task A_server_listens_on_the_loopback_interface_only(string urls, string why) =>
        (await Cli.FlightsAsync("run", "--urls", urls)).MustFail(2, why, "http://127.0.0.1:8080");

    [Theory]
    [InlineData("LAMBDA_CommitInterval", "7", "100ms")]
    [InlineData("LAMBDA_CommitInterval", "0s", "more than zero")]
    [InlineData("LAMBDA_MaxEventsPerCommit", "many", "whole number")]
    [InlineData("LAMBDA_StoreMemoryMegabytes", "1", "64 or more")]
    public async Task A_wrong_setting_is_named_with_what_it_may_be(string variable, string value, string remedy) =>
        (await Cli.RunAsync("Flights", ["status"], null, new Dictionary<string, string> { [variable] = value }))
            .MustFail(2, variable["LAMBDA_".Length..], variable, remedy);

    /// <summary>The limit of a request's body, which is no setting, was below it and was named instead.</summary>
    [Fact]
    public async Task Records_may_be_larger_than_a_request_usually_is()
    {
        using TemporaryFolder folder = new();
        Dictionary<string, string> environment = new() { ["LAMBDA_MaxRecordBytes"] = "50000000" };

        (await Cli.RunAsync("Flights", ["ingest", "-", "--data", folder.Data], "", environment)).MustSucceed();
    }

    /// <summary>A process without the batch layer took what was wrong with it, and started; the one with it did not. No layer has to reach anything for it.</summary>
    [Theory]
    [InlineData("", "RecomputeSchedule", "now and then", "*/5 * * * *")]
    [InlineData("--once", "RecomputeSchedule", "now and then", "*/5 * * * *")]
    [InlineData("--layers speed", "RecomputeSchedule", "now and then", "*/5 * * * *")]
    [InlineData("--layers serving", "ArchiveSchedule", "* * * * * *", "The number of its fields is 6")]
    [InlineData("--layers speed,serving", "CompareRetention", "1m", "or more, or declare less")]
    public async Task A_setting_of_the_batch_layer_that_makes_no_sense_ends_the_start_whichever_layers_run(
        string options, string setting, string value, string remedy)
    {
        using TemporaryFolder folder = new();
        Dictionary<string, string> environment = new() { [$"LAMBDA_{setting}"] = value };
        if (options.StartsWith("--layers", StringComparison.Ordinal))
        {
            environment["LAMBDA_Kafka__BootstrapServers"] = "127.0.0.1:1";
            environment["LAMBDA_Postgres__ConnectionString"] = "Host=127.0.0.1;Port=1;Username=app;Database=app";
        }

        string[] arguments = ["run", "--urls", "http://127.0.0.1:0", "--data", folder.Data, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        (await Cli.RunAsync("Flights", arguments, null, environment)).MustFail(2, setting, remedy);
    }

    [Theory]
    [InlineData("bound", "OutOfOrderness cannot be -00:01:00")]
    [InlineData("build", "no event time is declared")]
    public async Task A_wrong_definition_is_told_in_one_line_and_not_as_a_crash(string defect, string message)
    {
        Ended ended = await Cli.RunAsync("BrokenApp", [defect], null, null);

        ended.MustFail(2, "Stream 'clicks'", message);
        Assert.Single(ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}

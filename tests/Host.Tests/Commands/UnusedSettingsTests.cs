using Lambda.Host.Tests.Support;
using Xunit;

namespace Lambda.Host.Tests.Commands;

/// <summary>A command that a running server does had its own settings left out without a word.</summary>
public sealed class UnusedSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_command_that_a_server_does_says_which_of_its_settings_are_not_used()
    {
        (Cli server, Uri address) = await Cli.ServeFlightsAsync(
            _folder.Data, new Dictionary<string, string> { ["LAMBDA_Workers"] = "3", ["LAMBDA_LeaseDuration"] = "1m" });
        using (server)
        {
            // By folder and by address; what means the same, what is usual anyway, and what no command goes by is not told.
            string[] compact = ["history", "compact"];
            (string, string)[] settings =
            [
                ("Workers", "2"), ("MaxNewEvents", "7"), ("LeaseDuration", "60s"), ("HistoryRetention", "7d"), ("RecomputeSchedule", "0 3 * * *"), ("ApiKey", "lambda_none"),
            ];
            foreach (string[] where in (string[][])[["--data", _folder.Data], ["--server", $"{address}"]])
            {
                Ended differing = await RunAsync([.. compact, .. where], settings);
                Assert.Equal(
                    $"note: the server at {address} does this by its own settings. It has others than LAMBDA_MaxNewEvents, LAMBDA_Workers of this command, which are "
                    + "not used. Start the server with what you want.",
                    differing.Error.Trim());
            }

            Assert.Equal("", (await RunAsync([.. compact, "--data", _folder.Data], ("Workers", "3"), ("LeaseDuration", "00:01:00"))).Error);
            Assert.Equal("", (await RunAsync(["status", "--data", _folder.Data], ("Workers", "2"))).Error);
            Assert.Contains(
                "It has others than LAMBDA_History of this command, which is not used.",
                (await RunAsync(["status", "--format", "json", "--data", _folder.Data], ("History", Path.Combine(_folder.Data, "elsewhere")))).Error,
                StringComparison.Ordinal);
            (await server.TerminateAsync()).MustSucceed();
        }

        // Nobody else does it.
        Assert.Equal("", (await RunAsync(["history", "compact", "--data", _folder.Data], ("Workers", "2"))).Error);
    }

    private static async Task<Ended> RunAsync(string[] arguments, params (string Name, string Value)[] settings) =>
        (await Cli.RunAsync("Flights", arguments, null, settings.ToDictionary(setting => $"LAMBDA_{setting.Name}", setting => setting.Value))).MustSucceed();
}

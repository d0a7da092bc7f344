using System.Globalization;
using System.Text.Json;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Output;
using Spectre.Console;
using Xunit;

namespace Lambda.Host.Tests.Commands;

public class VerifiedReportTests
{
    private const long Day = 86_400_000_000;

    /// <summary>Producers give events without a time the year 1: the block of 32 days that it lies in begins before there are dates, which ended the command as a defect of the program.</summary>
    [Fact]
    public async Task Damage_at_the_ends_of_time_is_told_by_the_dates_that_there_are()
    {
        using StringWriter written = new(CultureInfo.InvariantCulture);
        Terminal terminal = new(TimeProvider.System, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(written) }));
        using JsonDocument answer = JsonDocument.Parse(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""
            {"generation":3,"outcome":"damaged","partials":1,"damages":[
            {"view":"v","from":{{{-719_168 * Day}}},"to":{{{-719_136 * Day}}},"published":{"partials":1},"found":{"partials":0}},
            {"view":"v","from":{{{2_932_896 * Day}}},"to":{{{2_932_928 * Day}}},"published":{"partials":1},"found":{"partials":0}}]}
            """));

        Assert.Equal(ExitCodes.Failed, await VerifiedReport.WriteAsync("s", answer.RootElement, terminal));

        Assert.Equal(
            ["s, view 'v', results that begin from 0001-01-01 to before 0001-01-27", "s, view 'v', results that begin from 9999-12-31 to before 9999-12-31"],
            written.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": the store")[0]));
    }
}

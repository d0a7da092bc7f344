using System.Globalization;
using Lambda.Hosting.Output;
using Spectre.Console;
using Xunit;

namespace Lambda.Host.Tests.Output;

public class TerminalTests
{
    /// <summary>
    /// Of a table that was wider than the console nothing was printed but "…": columns that may not be wrapped were left out one after the other. A view of six
    /// aggregates is wider than 80 characters, and one key of some hundred wider than what is assumed for files.
    /// </summary>
    [Theory]
    [InlineData(20, 3)]
    [InlineData(80, 3)]
    [InlineData(400, 3000)]
    public void A_table_that_is_wider_than_the_console_is_printed_whole(int width, int keyLength)
    {
        using StringWriter written = new(CultureInfo.InvariantCulture);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(written) });
        console.Profile.Width = width;
        Terminal terminal = new(TimeProvider.System, console);

        terminal.Table(
            [new("key", IsNumber: false), .. Enumerable.Range(0, 9).Select(number => new Lambda.Hosting.Output.TableColumn($"total{number}", IsNumber: true))],
            [[new string('k', keyLength), .. Enumerable.Range(0, 9).Select(number => $"1,234,567,{number}")], ["short", .. Enumerable.Repeat("7", 9)]]);

        string[] lines = written.ToString().Split('\n');
        Assert.Contains(lines, line => line.Contains("key", StringComparison.Ordinal) && line.Contains("total8", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("kkk", StringComparison.Ordinal) && line.Contains("1,234,567,8", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("short", StringComparison.Ordinal));
        Assert.Equal(width, console.Profile.Width);
    }

    /// <summary>Keys come from whoever sends events: one may colour, clear or rename the terminal of whoever looks at it.</summary>
    [Theory]
    [InlineData("red \u001B[31m", "red \\u001B[31m")]
    [InlineData("{\"key\":\"\u009B2J\"}", "{\"key\":\"\\u009B2J\"}")]
    [InlineData("two\n\tlines", "two\n\tlines")]
    public void What_a_terminal_would_obey_is_shown_instead(string text, string shown)
    {
        using StringWriter written = new(CultureInfo.InvariantCulture);
        Terminal terminal = new(TimeProvider.System, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(written) }));

        terminal.Line(text);

        Assert.Equal(shown, written.ToString().TrimEnd());
    }
}

using System.CommandLine;
using Lambda.Time;

namespace Lambda.Hosting.Commands;

/// <summary>The two options for a half-open range of time, as commands share them.</summary>
/// <param name="what">What begins at the first instant, for the help.</param>
internal sealed class TimeRangeOptions(string what)
{
    private readonly Option<string?> _from = new("--from")
    {
        Description = $"{what} from this instant on, such as 2001-01-01 or 2001-01-01T06:00Z. Times without a zone are UTC.",
        HelpName = "TIME",
    };

    private readonly Option<string?> _to = new("--to") { Description = "… and up to this instant, exclusive.", HelpName = "TIME" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_from);
        command.Options.Add(_to);
    }

    /// <summary>What was given; null for an end that was left open.</summary>
    /// <exception cref="CommandException">An instant cannot be read, or the range is empty.</exception>
    public (DateTimeOffset? From, DateTimeOffset? To) Read(ParseResult parsed)
    {
        DateTimeOffset? from = Time(parsed, _from);
        DateTimeOffset? to = Time(parsed, _to);
        return from >= to
            ? throw new CommandException(
                $"The time range is empty: --from {parsed.GetValue(_from)} is not before --to {parsed.GetValue(_to)}. Give the earlier time first.",
                ExitCodes.WrongUsage)
            : (from, to);
    }

    private static DateTimeOffset? Time(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is not { } text ? null
        : IsoInstant.TryParse(text, out DateTimeOffset time) ? time
        : throw new CommandException($"'{text}' is no instant for {option.Name}. Give one such as 2001-01-01 or 2001-01-01T06:00:00Z.", ExitCodes.WrongUsage);
}

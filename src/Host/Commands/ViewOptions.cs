using System.CommandLine;
using System.Globalization;
using Lambda.Views;

namespace Lambda.Hosting.Commands;

/// <summary>The view and the options that choose windows of it, as the commands over views share them.</summary>
internal sealed class ViewOptions(CommandContext context)
{
    public Argument<string> View { get; } = new("VIEW") { Description = "The view." };

    private readonly Option<string[]> _key = new("--key", "-k")
    {
        Description = "A value that a part of the key must have; may be given once per part. A view whose key has one part takes the bare value.",
        HelpName = "PART=VALUE",
    };

    private readonly Option<string[]> _null = new("--is-null")
    {
        Description = "A part of the key that must be null; may be given once per part.",
        HelpName = "PART",
    };

    private readonly TimeRangeOptions _times = new("Windows that overlap the time");

    private readonly Option<string?> _limit = new("--limit", "-n") { Description = "How many rows at most.", HelpName = "N" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(View);
        command.Options.Add(_key);
        command.Options.Add(_null);
        _times.AddTo(command);
        command.Options.Add(_limit);
    }

    /// <summary>The view that was named.</summary>
    /// <exception cref="CommandException">There is none of that name.</exception>
    public ViewDefinition FindView(ParseResult parsed) => context.FindView(parsed.GetRequiredValue(View));

    /// <summary>What was chosen, as parameters of the API.</summary>
    /// <exception cref="CommandException">A value is wrong.</exception>
    public List<KeyValuePair<string, string>> Parameters(ParseResult parsed, ViewDefinition view, int? usualLimit)
    {
        List<KeyValuePair<string, string>> parameters = [.. (parsed.GetValue(_key) ?? []).Select(key => Key(view, key))];
        string[] nulls = [.. (parsed.GetValue(_null) ?? []).Select(part => FindPart(view, part, $"--is-null {part}", "PART").Name)];
        Add(parameters, "isNull", nulls.Length == 0 ? null : string.Join(',', nulls));
        (DateTimeOffset? from, DateTimeOffset? to) = _times.Read(parsed);
        Add(parameters, "from", from?.ToString("O", CultureInfo.InvariantCulture));
        Add(parameters, "to", to?.ToString("O", CultureInfo.InvariantCulture));

        // As it was given: the API knows which numbers it takes, and says so in words.
        Add(parameters, "limit", parsed.GetValue(_limit) ?? usualLimit?.ToString(CultureInfo.InvariantCulture));
        return parameters;
    }

    /// <summary>Adds a parameter that has a value.</summary>
    public static void Add(List<KeyValuePair<string, string>> parameters, string name, string? value)
    {
        if (value is not null)
        {
            parameters.Add(new(name, value));
        }
    }

    private static KeyValuePair<string, string> Key(ViewDefinition view, string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string? name = equals < 0 && view.Keys.Count == 1 ? view.Keys[0].Name : equals < 0 ? null : text[..equals];
        return new($"key.{FindPart(view, name, $"--key {text}", "PART=VALUE").Name}", text[(equals + 1)..]);
    }

    private static KeyDefinition FindPart(ViewDefinition view, string? name, string given, string form) =>
        view.Keys.FirstOrDefault(key => key.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new CommandException(
            view.Keys.Count == 0
                ? $"View '{view.Name}' has no key, so leave {given} out."
                : $"View '{view.Name}' has no key part for {given}. Give {form} with one of: {string.Join(", ", view.Keys.Select(key => key.Name))}.",
            ExitCodes.WrongUsage);
}

using System.Globalization;
using Lambda.Hosting.Commands;
using Microsoft.Extensions.Configuration;

namespace Lambda.Hosting.Settings;

/// <summary>Reads single settings and says what is wrong with one. The name of one in a section has a colon, as in <c>Kafka:GroupId</c>.</summary>
internal sealed class SettingReader(IConfiguration section)
{
    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    private readonly KnownSettings _known = new();

    /// <summary>What was asked for.</summary>
    public KnownSettings Known => _known;

    /// <summary>A text; null when it is not set.</summary>
    public string? Text(string name)
    {
        _known.Add(name);
        return section[name] is { Length: > 0 } text ? text : null;
    }

    /// <summary>Texts, as a list or with commas between them; none when it is not set.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        _known.Add(name);
        _known.AddAllBelow(name);
        IEnumerable<string> listed = section.GetSection(name).GetChildren().Select(child => child.Value).OfType<string>();
        return [.. listed.Concat((section[name] ?? "").Split(',', ';')).Select(text => text.Trim()).Where(text => text.Length > 0)];
    }

    /// <summary>All values of a section whose names are not ours to know.</summary>
    public IReadOnlyDictionary<string, string> Values(string name)
    {
        _known.AddAllBelow(name);
        return section.GetSection(name).AsEnumerable(makePathsRelative: true)
            .Where(setting => setting.Key.Length > 0 && setting.Value is not null)
            .ToDictionary(setting => setting.Key, setting => setting.Value!, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether anything is set in a section.</summary>
    public bool HasAny(string name) => section.GetSection(name).AsEnumerable().Any(setting => setting.Value is { Length: > 0 });

    /// <summary>
    /// Whether a setting was given and has nothing in it, as a variable that a script or a secret did not fill. Where something is, may not be guessed then: a
    /// process that was to share log or store would quietly have its own.
    /// </summary>
    public bool IsEmpty(string name) => section[name] is { } text && string.IsNullOrWhiteSpace(text);

    /// <summary>Yes or no.</summary>
    public bool Flag(string name, bool usual) => Text(name) switch
    {
        null => usual,
        { } text when bool.TryParse(text, out bool flag) => flag,
        { } text => throw Wrong(name, text, "Give true or false."),
    };

    /// <summary>A duration: <c>100ms</c>, <c>30s</c>, <c>5m</c>, <c>1h</c>, <c>7d</c> or <c>00:05:00</c>. A bare number would be ambiguous and is refused.</summary>
    public TimeSpan Duration(string name, TimeSpan usual) => OptionalDuration(name) ?? usual;

    /// <inheritdoc cref="Duration"/>
    public TimeSpan? OptionalDuration(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        // Of 24:00:00, which has too many hours, TimeSpan.TryParse would make 24 days.
        if (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out TimeSpan duration))
        {
            return duration;
        }

        foreach ((string suffix, TimeSpan unit) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text[..^suffix.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count)
                && count * unit.TotalDays < TimeSpan.MaxValue.TotalDays)
            {
                return unit * count;
            }
        }

        throw Wrong(name, text, "Give a duration, such as 100ms, 30s, 5m, 1h, 7d or 00:05:00.");
    }

    /// <summary>A whole number.</summary>
    public long Number(string name, long usual) => Text(name) switch
    {
        null => usual,
        { } text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) => number,
        { } text => throw Wrong(name, text, "Give a whole number."),
    };

    /// <summary>A whole number of 32 bits.</summary>
    public int SmallNumber(string name, int usual) => Number(name, usual) is >= int.MinValue and <= int.MaxValue and long number
        ? (int)number
        : throw Wrong(name, section[name], $"Give a whole number up to {int.MaxValue}.");

    /// <summary>Makes options of settings and turns what they refuse into an error that names the setting.</summary>
    public static T Checked<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentOutOfRangeException error)
        {
            string remedy = error.Message.Split(" (Parameter", 2)[0];
            throw Wrong(error.ParamName ?? "?", Convert.ToString(error.ActualValue, CultureInfo.InvariantCulture), remedy);
        }
        catch (ArgumentException error)
        {
            throw Wrong(error.ParamName ?? "?", "", error.Message.Split(" (Parameter", 2)[0]);
        }
    }

    public static CommandException Wrong(string name, string? value, string remedy) =>
        new($"Setting '{name}' cannot be '{value}'. {remedy} {WhereFrom(name)}", ExitCodes.WrongUsage);

    /// <summary>The error for a setting that has to be there.</summary>
    public static CommandException Missing(string name, string remedy) => new($"Setting '{name}' is missing. {remedy} {WhereFrom(name)}", ExitCodes.WrongUsage);

    /// <summary>The error for a setting whose value is nobody's to read.</summary>
    public static CommandException WrongSecret(string name, string remedy) =>
        new($"Setting '{name}' cannot be used. {remedy} {WhereFrom(name)}", ExitCodes.WrongUsage);

    private static string WhereFrom(string name) =>
        $"(It is read from section \"{SettingsSources.Section}\" of appsettings.json and from the environment variable {SettingsSources.Variable(name)}.)";
}

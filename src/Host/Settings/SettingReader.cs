using System.Globalization;
using Lambda.Hosting.Commands;
using Microsoft.Extensions.Configuration;

namespace Lambda.Hosting.Settings;

/// <summary>Reads single settings and says what is wrong with one.</summary>
internal sealed class SettingReader(IConfiguration section)
{
    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)), ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names that were asked for.</summary>
    public IReadOnlyCollection<string> Known => _known;

    /// <summary>A text; null when it is not set.</summary>
    public string? Text(string name)
    {
        _known.Add(name);
        return section[name] is { Length: > 0 } text ? text : null;
    }

    /// <summary>A duration: <c>100ms</c>, <c>30s</c>, <c>5m</c>, <c>1h</c>, <c>7d</c> or <c>00:05:00</c>. A bare number would be ambiguous and is refused.</summary>
    public TimeSpan Duration(string name, TimeSpan usual) => OptionalDuration(name) ?? usual;

    /// <inheritdoc cref="Duration"/>
    public TimeSpan? OptionalDuration(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan duration))
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

    public static CommandException Wrong(string name, string? value, string remedy) => new(
        $"Setting '{name}' cannot be '{value}'. {remedy} (It is read from section \"{SettingsSources.Section}\" of appsettings.json and from the environment "
        + $"variable {SettingsSources.Prefix}{name}.)",
        ExitCodes.WrongUsage);
}

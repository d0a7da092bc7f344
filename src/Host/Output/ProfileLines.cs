using System.Globalization;
using System.Text.Json;

namespace Lambda.Hosting.Output;

/// <summary>Prints the profile of a stream.</summary>
internal static class ProfileLines
{
    /// <summary>Prints a profile of the API.</summary>
    public static void Print(Terminal terminal, JsonElement profile)
    {
        string stream = profile.GetProperty("stream").GetString()!;
        long leftOut = profile.GetProperty("leftOut").GetInt64();
        string without = leftOut > 0 ? $", without {Figures.Of(leftOut)} that {(leftOut == 1 ? "is" : "are")} repeated or refused" : "";
        terminal.Heading($"{stream}: {Figures.Of(profile.GetProperty("rows").GetInt64(), "event", "events")} in the history{without}");
        foreach (JsonElement column in profile.GetProperty("columns").EnumerateArray())
        {
            PrintColumn(terminal, column);
        }

        JsonElement proposals = profile.GetProperty("proposals");
        if (proposals.GetArrayLength() == 0)
        {
            return;
        }

        terminal.Line();
        terminal.Line($"Checks that the history passes, for the declaration of {stream}. Loosen them where the future may differ:");
        foreach (JsonElement line in proposals.EnumerateArray())
        {
            terminal.Line($"    {line.GetString()}");
        }
    }

    private static void PrintColumn(Terminal terminal, JsonElement column)
    {
        List<string> facts = [column.GetProperty("type").GetString()!, Nulls(column.GetProperty("nullShare").GetDouble())];
        if (column.GetProperty("distinctValues") is { ValueKind: JsonValueKind.Number } distinct)
        {
            facts.Add($"about {Figures.Of(distinct.GetInt64(), "value", "values")}");
        }

        terminal.Line($"  {column.GetProperty("column").GetString()}: {string.Join(", ", facts)}");
        if (column.GetProperty("minimum").GetString() is { } minimum && column.GetProperty("maximum").GetString() is { } maximum)
        {
            string moments = column.GetProperty("mean") is { ValueKind: JsonValueKind.Number } mean
                ? $", mean {Figures.Of(mean)}{(column.GetProperty("standardDeviation") is { ValueKind: JsonValueKind.Number } deviation ? $" ± {Figures.Of(deviation)}" : "")}"
                : "";
            terminal.Line($"      from {Shown(minimum)} to {Shown(maximum)}{moments}");
        }

        Print(terminal, "quantiles", column.GetProperty("quantiles"), quantile =>
            string.Create(CultureInfo.InvariantCulture, $"{quantile.GetProperty("share").GetDouble():0.##%} {Figures.Of(quantile.GetProperty("value"))}"));
        Print(terminal, "most frequent", column.GetProperty("mostFrequent"), value =>
            $"{Shown(value.GetProperty("value").GetString()!)} ({Figures.Of(value.GetProperty("count").GetInt64())})");
        if (column.GetProperty("pattern").GetString() is { } pattern)
        {
            terminal.Line($"      all match {pattern}");
        }
    }

    private static void Print(Terminal terminal, string title, JsonElement list, Func<JsonElement, string> text)
    {
        if (list.GetArrayLength() > 0)
        {
            terminal.Line($"      {title}: {string.Join(", ", list.EnumerateArray().Select(text))}");
        }
    }

    private static string Nulls(double share) => share == 0
        ? "no nulls"
        : string.Create(CultureInfo.InvariantCulture, $"{share:0.##%} nulls");

    /// <summary>A value can be any text, of any length; control characters would play with the terminal.</summary>
    private static string Shown(string text)
    {
        string plain = string.Concat(text.Select(letter => char.IsControl(letter) ? '\uFFFD' : letter));
        return plain.Length == 0 ? "(empty)" : plain.Length <= 60 ? plain : $"{plain.AsSpan(0, 59)}…";
    }
}

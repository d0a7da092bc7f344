using System.Text.Json;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>A window's key, and what differs between two results of it, as text.</summary>
internal static class ChangedResults
{
    private const string Nothing = "nothing";

    /// <summary>The parts of a key, each with its value.</summary>
    /// <param name="key">A JSON object, without members when the view is not grouped.</param>
    public static string DescribeKey(string key) => string.Join(", ", Read(key).Select(part => $"{part.Key} = {part.Value}"));

    /// <summary>The members that differ, each with its value before and after.</summary>
    /// <param name="before">A JSON object; null when there was no window.</param>
    /// <param name="after">A JSON object; null when there is no window any more.</param>
    public static string Describe(string? before, string? after)
    {
        Dictionary<string, string> old = Read(before);
        Dictionary<string, string> now = Read(after);
        return string.Join(
            ", ",
            now.Keys.Union(old.Keys, StringComparer.Ordinal)
                .Select(name => (Name: name, Before: old.GetValueOrDefault(name, Nothing), After: now.GetValueOrDefault(name, Nothing)))
                .Where(result => result.Before != result.After)
                .Select(result => $"{result.Name} {result.Before} → {result.After}"));
    }

    private static Dictionary<string, string> Read(string? json)
    {
        if (json is null)
        {
            return [];
        }

        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => Text(member.Value), StringComparer.Ordinal);
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.Null ? "null" : value.ToString();
}

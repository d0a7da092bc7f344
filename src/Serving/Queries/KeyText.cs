using System.Globalization;
using System.Text.Json;
using Lambda.Events;
using Lambda.Serving.Formats;
using Lambda.Views;
using Lambda.Views.Keys;

namespace Lambda.Serving.Queries;

/// <summary>Group keys as they look outside of the kernel.</summary>
internal static class KeyText
{
    /// <summary>The parts of a key under their names, instants as ISO 8601.</summary>
    public static NamedValues Named(IReadOnlyList<KeyDefinition> keys, IReadOnlyList<string> names, GroupKey key)
    {
        object?[] values = new object?[keys.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = keys[i].Type == ColumnType.Timestamp && key.Parts[i] is long instant ? Instants.ToText(instant) : key.Parts[i];
        }

        return new NamedValues(names, values);
    }

    /// <summary>Reads a key from the JSON object that a correction holds.</summary>
    /// <exception cref="FormatException">It is not a key of the view.</exception>
    public static GroupKey Parse(ViewDefinition view, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return new GroupKey([.. view.Keys.Select(key => Part(view, key, document.RootElement))]);
    }

    private static object? Part(ViewDefinition view, KeyDefinition key, JsonElement json)
    {
        if (!json.TryGetProperty(key.Name, out JsonElement part))
        {
            throw new FormatException($"A correction of view '{view.Name}' has a key without its part '{key.Name}'.");
        }

        return (part.ValueKind, key.Type) switch
        {
            (JsonValueKind.Null, _) => null,
            (JsonValueKind.String, ColumnType.String) => part.GetString(),
            (JsonValueKind.True or JsonValueKind.False, ColumnType.Boolean) => part.GetBoolean(),
            (JsonValueKind.Number, ColumnType.Int32) => part.GetInt32(),
            (JsonValueKind.Number, ColumnType.Int64 or ColumnType.Timestamp) => part.GetInt64(),
            (JsonValueKind.String, ColumnType.Timestamp) when Instants.TryParse(part.GetString()!, out long instant) => instant,
            _ => throw new FormatException(string.Create(
                CultureInfo.InvariantCulture, $"A correction of view '{view.Name}' has a key whose part '{key.Name}' is no {key.Type}.")),
        };
    }
}

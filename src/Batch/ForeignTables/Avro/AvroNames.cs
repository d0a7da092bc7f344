using System.Text.Json;

namespace Lambda.Batch.ForeignTables.Avro;

/// <summary>The names of types in schemas of Avro.</summary>
internal static class AvroNames
{
    /// <summary>The namespace of what lies in a type: its own, or that of what it lies in itself.</summary>
    public static string SpaceOf(JsonElement named, string around)
    {
        if (named.TryGetProperty("namespace", out JsonElement space))
        {
            return space.GetString() ?? "";
        }

        string name = named.TryGetProperty("name", out JsonElement given) ? given.GetString() ?? "" : "";
        int dot = name.LastIndexOf('.');
        return dot < 0 ? around : name[..dot];
    }

    /// <summary>A name with its namespace.</summary>
    public static string Full(string name, string space) => name.Contains('.', StringComparison.Ordinal) || space.Length == 0 ? name : $"{space}.{name}";
}

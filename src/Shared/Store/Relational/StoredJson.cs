using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lambda.Store.Relational;

/// <summary>How lists and maps of the control tables are written: as JSON text.</summary>
internal static class StoredJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Options)
        ?? throw new ViewStoreException($"The view store holds '{text}' where a {typeof(T).Name} should be. Restore it from a copy.");

    public static string Write(Boundary boundary) => Write(boundary.Offsets);

    public static Boundary ReadBoundary(string text) => new(Read<long[]>(text));
}

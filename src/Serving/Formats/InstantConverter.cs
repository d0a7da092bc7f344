using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lambda.Serving.Formats;

/// <summary>Writes instants as <c>2001-01-01T00:00:00Z</c>.</summary>
internal sealed class InstantConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Instants.ToText(value));
}

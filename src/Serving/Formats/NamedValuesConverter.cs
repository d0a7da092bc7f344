using System.Text.Json;
using System.Text.Json.Serialization;
using Lambda.Views.Composing;

namespace Lambda.Serving.Formats;

/// <summary>Writes values under their names, as <see cref="ResultValue"/> has them.</summary>
internal sealed class NamedValuesConverter : JsonConverter<NamedValues>
{
    public override NamedValues Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Answers are written, not read.");

    public override void Write(Utf8JsonWriter writer, NamedValues value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        for (int i = 0; i < value.Names.Count; i++)
        {
            writer.WritePropertyName(value.Names[i]);
            ResultValue.Write(writer, value.Values[i]);
        }

        writer.WriteEndObject();
    }
}

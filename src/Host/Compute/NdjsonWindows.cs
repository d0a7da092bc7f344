using System.Buffers;
using System.Text.Json;
using Lambda.Serving.Formats;
using Lambda.Views;
using Lambda.Views.Closing;

namespace Lambda.Hosting.Compute;

/// <summary>Windows as a JSON object per line, with the members that rows of queries have.</summary>
internal sealed class NdjsonWindows(ViewDefinition view, Stream output) : WindowWriter(view, output)
{
    private static readonly JsonSerializerOptions Options = CreateOptions();

    private readonly string[] _keyNames = [.. view.Keys.Select(key => key.Name)];
    private readonly string[] _valueNames = [.. view.Aggregates.Select(aggregate => aggregate.Name)];

    protected override ReadOnlyMemory<byte> Format(WindowBatch windows)
    {
        ArrayBufferWriter<byte> text = new(64 * 1024);
        using Utf8JsonWriter json = new(text, new JsonWriterOptions { Encoder = AnswerJson.Encoder, SkipValidation = true });
        for (int row = 0; row < windows.Count; row++)
        {
            int at = row;
            json.WriteStartObject();
            json.WritePropertyName("key");
            JsonSerializer.Serialize(
                json, new NamedValues(_keyNames, [.. Enumerable.Range(0, _keyNames.Length).Select(part => Key(windows, part, at))]), Options);
            json.WriteString("windowStart", Instants.ToText(windows.Starts[row]));
            json.WriteString("windowEnd", Instants.ToText(windows.Ends[row]));
            json.WritePropertyName("values");
            JsonSerializer.Serialize(json, new NamedValues(_valueNames, [.. windows.Results.Select(results => results.GetValue(at))]), Options);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            text.Write("\n"u8);
        }

        return text.WrittenMemory;
    }

    private static JsonSerializerOptions CreateOptions()
    {
        JsonSerializerOptions options = new(JsonSerializerDefaults.Web);
        AnswerJson.Configure(options);
        return options;
    }
}

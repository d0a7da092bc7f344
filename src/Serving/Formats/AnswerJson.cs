using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Lambda.Serving.Formats;

/// <summary>How answers look as JSON.</summary>
internal static class AnswerJson
{
    /// <summary>Text is readable in any language, and safe within HTML.</summary>
    public static JavaScriptEncoder Encoder { get; } = JavaScriptEncoder.Create(UnicodeRanges.All);

    /// <summary>Sets what differs from the defaults of the web.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.Encoder = Encoder;
        options.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals;
        options.Converters.Add(new InstantConverter());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
    }
}

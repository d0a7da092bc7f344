using System.Globalization;
using Lambda.Serving.Answers;
using Lambda.Serving.Requests;

namespace Lambda.Serving.Formats;

/// <summary>The envelope's main parts, as binary formats carry them beside the columns.</summary>
internal static class AnswerMetadata
{
    /// <summary>The parts by name.</summary>
    public static Dictionary<string, string> Of(ViewAnswer answer)
    {
        Dictionary<string, string> metadata = new(StringComparer.Ordinal)
        {
            ["lambda.view"] = answer.View,
            ["lambda.version"] = answer.Version,
            ["lambda.layer"] = WireNames.Camel(answer.Layer.ToString()),
            ["lambda.complete"] = answer.Completeness.Complete ? "true" : "false",
            ["lambda.truncated"] = answer.Truncated ? "true" : "false",
        };
        if (answer.Generation is { } generation)
        {
            metadata["lambda.generation"] = generation.ToString(CultureInfo.InvariantCulture);
        }

        if (answer.Watermark is { } watermark)
        {
            metadata["lambda.watermark"] = Instants.ToText(watermark);
        }

        return metadata;
    }
}

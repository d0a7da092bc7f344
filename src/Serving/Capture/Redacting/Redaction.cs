using System.Text.Json.Serialization.Metadata;

namespace Lambda.Capture.Redacting;

/// <summary>What a capture may take from requests and leave in events.</summary>
internal sealed class Redaction
{
    public DeniedNames Headers { get; } = new(UsualSecrets.Headers);

    public DeniedNames QueryParameters { get; } = new(UsualSecrets.QueryParameters);

    public DeniedNames Members { get; } = new(UsualSecrets.Members);

    /// <summary>The cookies that may be read; all others are denied.</summary>
    public HashSet<string> AllowedCookies { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes denied members out of a type's JSON, at whatever depth they stand. Once per type, at no cost per event.</summary>
    public void Apply(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (Members.Contains(property.Name))
            {
                property.ShouldSerialize = static (_, _) => false;
            }
        }
    }
}

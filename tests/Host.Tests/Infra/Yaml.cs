using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Lambda.Host.Tests.Infra;

/// <summary>Reads YAML as JSON, all scalars as text, with merge keys (<c>&lt;&lt;</c>) carried out.</summary>
internal static class Yaml
{
    private const string MergeKey = "<<";

    public static JsonObject Read(string path)
    {
        using StreamReader reader = File.OpenText(path);
        YamlStream stream = [];
        stream.Load(reader);
        return (JsonObject)Convert(stream.Documents.Single().RootNode);
    }

    private static JsonNode Convert(YamlNode node) => node switch
    {
        YamlScalarNode scalar => JsonValue.Create(scalar.Value ?? ""),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Convert)]),
        YamlMappingNode mapping => ConvertMapping(mapping),
        _ => throw new NotSupportedException($"{node.NodeType} at {node.Start}"),
    };

    /// <summary>A mapping's own entries win over merged ones.</summary>
    private static JsonObject ConvertMapping(YamlMappingNode mapping)
    {
        JsonObject result = [];
        foreach ((YamlNode key, YamlNode value) in mapping.Children.OrderBy(entry => Name(entry.Key) != MergeKey))
        {
            if (Name(key) == MergeKey)
            {
                foreach ((string name, JsonNode? merged) in ConvertMapping((YamlMappingNode)value))
                {
                    result[name] = merged!.DeepClone();
                }
            }
            else
            {
                result[Name(key)] = Convert(value);
            }
        }

        return result;
    }

    private static string Name(YamlNode key) => ((YamlScalarNode)key).Value!;
}

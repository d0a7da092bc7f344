using System.Text.Json;

namespace Lambda.Serving.Requests;

/// <summary>How names of C# look in requests and answers.</summary>
internal static class WireNames
{
    public static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}

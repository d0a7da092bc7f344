using System.Text.Json.Serialization;

namespace Lambda.Serving.Formats;

/// <summary>Values under their names, in order: a group key, or the aggregates of a window. A JSON object.</summary>
/// <param name="Names">The names.</param>
/// <param name="Values">One value per name.</param>
[JsonConverter(typeof(NamedValuesConverter))]
internal sealed record NamedValues(IReadOnlyList<string> Names, IReadOnlyList<object?> Values);

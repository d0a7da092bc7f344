using System.Text.Json;
using Lambda.Serving.Requests;
using Microsoft.AspNetCore.Http;

namespace Lambda.Serving.Api;

/// <summary>
/// The members of a small JSON object that a request has as its body. One that is unknown is refused rather than passed over, as a misspelt "dryRun" would publish;
/// one that is missing or of another type is told by its name.
/// </summary>
internal sealed class BodyMembers
{
    private readonly JsonElement _body;
    private readonly string _example;

    private BodyMembers(JsonElement body, string example, IReadOnlyList<string> names)
    {
        _body = body;
        _example = example;
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw Wrong($"It is no object but {Kind(body)}.");
        }

        foreach (JsonProperty member in body.EnumerateObject())
        {
            string? name = NameOf(member);
            if (name is null || !names.Contains(name))
            {
                string given = name is null ? "a member whose name is no well-formed text" : $"an unknown member '{Parameters.Shorten(name)}'";
                throw Wrong($"It has {given}; those that there are: {string.Join(", ", names)}.");
            }
        }
    }

    /// <summary>Reads a body; one of no bytes is an object without members.</summary>
    /// <param name="body">The body.</param>
    /// <param name="example">A body as it could be, for messages.</param>
    /// <param name="names">The members that there may be.</param>
    /// <param name="read">Reads them.</param>
    /// <exception cref="RequestException">It is something else; the message says what.</exception>
    public static T Read<T>(byte[] body, string example, IReadOnlyList<string> names, Func<BodyMembers, T> read)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body.Length == 0 ? "{}"u8.ToArray() : body);
        }
        catch (JsonException error)
        {
            throw Wrong(example, $"It is no JSON: {error.Message}");
        }

        using (document)
        {
            return read(new BodyMembers(document.RootElement, example, names));
        }
    }

    /// <summary>A text; null when there is none.</summary>
    public string? Text(string name) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? TextOf(name, value) : throw Wrong(name, value, "a text");

    /// <summary>Whether a flag is given and true.</summary>
    public bool Flag(string name) => Find(name) is { } value
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, value, "true or false"));

    /// <summary>A whole number, which must be there.</summary>
    public long Number(string name) => Required(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long number)
        ? number : throw Wrong(name, Required(name), "a whole number of 64 bits");

    /// <summary>A smaller whole number, which must be there.</summary>
    public int SmallNumber(string name) => Required(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number)
        ? number : throw Wrong(name, Required(name), "a whole number of 32 bits");

    private JsonElement? Find(string name) =>
        _body.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private JsonElement Required(string name) => Find(name) ?? throw Wrong($"Member '{name}' is missing.");

    private string? TextOf(string name, JsonElement value) =>
        WellFormed(value.GetString, out string? text) ? text : throw Wrong($"Member '{name}' is no well-formed text.");

    private static string? NameOf(JsonProperty member) => WellFormed(() => member.Name, out string? name) ? name : null;

    /// <summary>Whether a text can be read: half of a surrogate pair, and bytes that are no UTF-8, cannot.</summary>
    private static bool WellFormed(Func<string?> read, out string? text)
    {
        try
        {
            text = read();
            return true;
        }
        catch (InvalidOperationException)
        {
            text = null;
            return false;
        }
    }

    private RequestException Wrong(string name, JsonElement value, string wanted) =>
        Wrong($"Member '{name}' is {wanted}, but {Kind(value)} is given.");

    private RequestException Wrong(string reason) => Wrong(_example, reason);

    private static RequestException Wrong(string example, string reason) => new(
        StatusCodes.Status400BadRequest, "The body cannot be read.", $"The body is not an object such as {example}. {reason}");

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => $"the number {Parameters.Shorten(value.GetRawText())}",
        JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => "null",
    };
}

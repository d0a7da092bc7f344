using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Keys;
using Lambda.Views.Partials;

namespace Lambda.Serving.Requests;

/// <summary>
/// Cursors of one query as texts that clients hand back. They name the query that they are of: in another order, or another version of the view, the same place would
/// leave rows out without a word.
/// </summary>
/// <param name="rows">The view whose rows the answer has.</param>
/// <param name="orders">What rows are ordered by.</param>
/// <param name="query">Tells apart what cursors must not be taken from one to another.</param>
internal sealed class CursorText(ViewDefinition rows, IReadOnlyList<RowOrder> orders, string query)
{
    /// <summary>Of the JSON no browser makes a page, and characters that it need not escape take up to six times the room if it does.</summary>
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _query = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{rows.Layout.Version}\n{query}")).AsSpan(0, 8));

    /// <summary>Fits into a request line, and into a header of an answer, with room for the other parameters.</summary>
    private const int LongestText = 32 << 10;

    /// <summary>The text of a place; null when rows are ordered by values of a user's own type, which have none, and where it would not fit into a request.</summary>
    public string? Write(RowCursor cursor)
    {
        if (!orders.All(order => CursorValue.HasText(order.Type)))
        {
            return null;
        }

        WindowAddress address = cursor.Address;
        Content content = new(
            _query,
            [.. cursor.Values.Select(CursorValue.Write)],
            [.. address.Key.Parts.Select(CursorValue.Write)],
            address.Start,
            address.First is { } first ? new Place(first.Partition, first.Offset) : null);
        string text = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(content, Json));
        return text.Length <= LongestText ? text : null;
    }

    /// <summary>The place that a text names.</summary>
    /// <exception cref="RequestException">It is no cursor of this query.</exception>
    public RowCursor Read(string text)
    {
        if (Parse(text) is not { } content)
        {
            throw Wrong(text, "It is none that an answer gave.");
        }

        if (content.Query != _query)
        {
            throw Wrong(text, "It is of another query: view, layer, rollup and order must be those of the answer that gave it, and the view's definition too.");
        }

        return content.Values.Count == orders.Count && orders.All(order => CursorValue.HasText(order.Type))
            && TryRead(content.Values, [.. orders.Select(order => order.Type)]) is { } values
            && TryRead(content.Key, [.. rows.Keys.Select(key => CursorValue.TypeOf(key.Type))]) is { } key
            && content.First is not null == rows.Layout.HasPositions
                ? new RowCursor(values, new WindowAddress(new GroupKey(key), content.Start, content.First?.ToPosition()))
                : throw Wrong(text, "It is none that an answer gave.");
    }

    private static Content? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Content>(Base64Url.DecodeFromChars(text)) is { Query: not null, Values: not null, Key: not null } content ? content : null;
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            return null;
        }
    }

    private static object?[]? TryRead(IReadOnlyList<string?> texts, Type[] types)
    {
        if (texts.Count != types.Length)
        {
            return null;
        }

        object?[] values = new object?[types.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (!CursorValue.TryRead(texts[i], types[i], out values[i]))
            {
                return null;
            }
        }

        return values;
    }

    private static RequestException Wrong(string text, string why) => RequestException.BadParameter(
        "cursor", $"Parameter 'cursor' cannot be '{Parameters.Shorten(text)}'. {why} Leave it out for the first page, and take 'nextCursor' of each answer for the next.");

    /// <summary>What a text holds.</summary>
    private sealed record Content(string Query, IReadOnlyList<string?> Values, IReadOnlyList<string?> Key, long Start, Place? First);

    private sealed record Place(int Partition, long Offset)
    {
        public EventPosition ToPosition() => new(Partition, Offset);
    }
}

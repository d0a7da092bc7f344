using System.Text.Json;
using Lambda.Serving.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Lambda.Serving.Ingest;

/// <summary>Finds the records in the body of a request.</summary>
internal static class RecordSplitter
{
    /// <summary>Deeper than a record may be, so that one that is too deep is refused by itself and not with all others.</summary>
    private const int MaxDepth = 1024;

    /// <summary>Where the records lie. JSON: one object, or the elements of an array. NDJSON: the lines that are not blank.</summary>
    /// <exception cref="RequestException">The content type is neither, or the body of a JSON request is not well-formed.</exception>
    public static IReadOnlyList<Range> Split(string? contentType, ReadOnlySpan<byte> body)
    {
        string? type = MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? parsed) ? parsed.MediaType.Value?.ToUpperInvariant() : null;
        return type switch
        {
            "APPLICATION/JSON" => SplitJson(body),
            "APPLICATION/X-NDJSON" or "APPLICATION/NDJSON" or "APPLICATION/JSONL" => SplitLines(body),
            _ => throw new RequestException(
                StatusCodes.Status415UnsupportedMediaType,
                "The content type is not supported.",
                "Send application/json (one object, or an array of objects) or application/x-ndjson (one object per line)."),
        };
    }

    private static List<Range> SplitLines(ReadOnlySpan<byte> body)
    {
        List<Range> records = [];
        int start = 0;
        while (start < body.Length)
        {
            int length = body[start..].IndexOf((byte)'\n');
            int end = length < 0 ? body.Length : start + length;
            if (!body[start..end].Trim(" \t\r"u8).IsEmpty)
            {
                records.Add(start..(body[end - 1] == '\r' ? end - 1 : end));
            }

            start = end + 1;
        }

        return records;
    }

    private static List<Range> SplitJson(ReadOnlySpan<byte> body)
    {
        if (body.TrimStart(" \t\r\n"u8) is not [(byte)'[', ..])
        {
            return body.Trim(" \t\r\n"u8).IsEmpty ? [] : [0..body.Length];
        }

        List<Range> records = [];
        Utf8JsonReader reader = new(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                records.Add(start..(int)reader.BytesConsumed);
            }

            // One more read refuses anything but white space behind the array.
            reader.Read();
        }
        catch (JsonException exception)
        {
            throw new RequestException(
                StatusCodes.Status400BadRequest,
                "The body is not well-formed JSON.",
                $"{exception.Message} No record was taken. Send NDJSON to have records judged one by one.");
        }

        return records;
    }
}

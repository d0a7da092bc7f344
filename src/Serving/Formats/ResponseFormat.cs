using Lambda.Serving.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Lambda.Serving.Formats;

/// <summary>In which form rows are sent.</summary>
internal enum ResponseFormat
{
    /// <summary>One JSON object: what the answer is worth, then its rows.</summary>
    Json,

    /// <summary>One JSON object per row and line.</summary>
    Ndjson,

    /// <summary>Comma-separated values as RFC 4180 has them.</summary>
    Csv,

    /// <summary>A Parquet file, with the columns of CSV and their types.</summary>
    Parquet,

    /// <summary>Arrow's streaming format, with the columns of Parquet.</summary>
    Arrow,
}

/// <summary>Chooses the form of an answer.</summary>
internal static class FormatChoice
{
    public const string Ndjson = "application/x-ndjson";
    public const string Csv = "text/csv";
    public const string Parquet = "application/vnd.apache.parquet";
    public const string Arrow = "application/vnd.apache.arrow.stream";

    /// <summary>Takes parameter <c>format</c>; without it, header <c>Accept</c> chooses, and JSON is the answer to all that is not understood.</summary>
    /// <exception cref="RequestException">The parameter names no form.</exception>
    public static ResponseFormat TakeFormat(this Parameters parameters, HttpRequest request) =>
        parameters.TakeWord("format", Accepted(request));

    private static ResponseFormat Accepted(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out IList<MediaTypeHeaderValue>? accepted))
        {
            return ResponseFormat.Json;
        }

        return accepted.OrderByDescending(type => type.Quality ?? 1).Select(Of).FirstOrDefault(format => format is not null) ?? ResponseFormat.Json;
    }

    private static ResponseFormat? Of(MediaTypeHeaderValue type) => type.MediaType.Value?.ToUpperInvariant() switch
    {
        "APPLICATION/JSON" or "APPLICATION/*" or "*/*" => ResponseFormat.Json,
        "APPLICATION/X-NDJSON" or "APPLICATION/NDJSON" or "APPLICATION/JSONL" => ResponseFormat.Ndjson,
        "TEXT/CSV" or "TEXT/*" => ResponseFormat.Csv,
        "APPLICATION/VND.APACHE.PARQUET" or "APPLICATION/X-PARQUET" => ResponseFormat.Parquet,
        "APPLICATION/VND.APACHE.ARROW.STREAM" => ResponseFormat.Arrow,
        _ => null,
    };
}

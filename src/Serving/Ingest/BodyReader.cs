using System.IO.Pipelines;
using Lambda.Serving.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lambda.Serving.Ingest;

/// <summary>Reads the body of a request up to a limit.</summary>
internal static class BodyReader
{
    /// <exception cref="RequestException">The body is larger, or compressed.</exception>
    public static async Task<byte[]> ReadAsync(HttpRequest request, long maxBytes, CancellationToken cancellationToken)
    {
        if (request.Headers.ContentEncoding is [{ Length: > 0 } encoding, ..])
        {
            throw new RequestException(
                StatusCodes.Status415UnsupportedMediaType,
                "The content encoding is not supported.",
                $"The body is encoded as '{Parameters.Shorten(encoding)}'. Send it as it is.");
        }

        if (request.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        // The server's own limit would end the connection without a word; this one answers.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = maxBytes + (1 << 20);
        }

        using MemoryStream body = new((int)(request.ContentLength ?? 0));
        while (true)
        {
            ReadResult read = await request.BodyReader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (body.Length + read.Buffer.Length > maxBytes)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                throw TooLarge(maxBytes);
            }

            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                body.Write(part.Span);
            }

            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return body.ToArray();
            }
        }
    }

    private static RequestException TooLarge(long maxBytes) => new(
        StatusCodes.Status413PayloadTooLarge,
        "The body is too large.",
        $"The body has more than {maxBytes} bytes. No record was taken. Send the records in several requests.");
}

using System.Net;
using System.Text;
using System.Text.Unicode;
using Lambda.Serving.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Lambda.Serving.Api;

/// <summary>
/// Refuses parameters whose bytes are no UTF-8. What cannot be decoded would be taken as it stands, percent signs included, and a filter by such a value finds nothing.
/// </summary>
internal sealed class QueryEncoding : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.HttpContext.Request.QueryString.Value is { } query && query.Contains('%', StringComparison.Ordinal))
        {
            foreach (QueryStringEnumerable.EncodedNameValuePair parameter in new QueryStringEnumerable(query))
            {
                if (!IsUtf8(parameter.EncodedName.Span) || !IsUtf8(parameter.EncodedValue.Span))
                {
                    string name = parameter.DecodeName().ToString();
                    throw RequestException.BadParameter(
                        name,
                        $"Parameter '{Parameters.Shorten(name)}' is no valid UTF-8: '{Parameters.Shorten(parameter.EncodedValue.ToString())}'. "
                        + "Percent-encode the bytes of the text in UTF-8, such as %C3%BC for ü.");
                }
            }
        }

        return next(context);
    }

    private static bool IsUtf8(ReadOnlySpan<char> encoded)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(encoded)];
        Encoding.UTF8.GetBytes(encoded, bytes);
        return Utf8.IsValid(WebUtility.UrlDecodeToBytes(bytes, 0, bytes.Length));
    }
}

using System.Net;
using Lambda.Serving.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Lambda.Serving.Security;

/// <summary>
/// Keeps pages of others out, which a browser that reaches the server may run:
/// <list type="bullet">
/// <item>A page whose name was made to point here (DNS rebinding) sends its own name as host, which is refused. Where callers are told apart by keys it is taken, as a browser does
/// not send the key of one name to another.</item>
/// <item>A page of another site that posts here is told by <c>Sec-Fetch-Site</c> or <c>Origin</c>, and refused: browsers may send a key along.</item>
/// </list>
/// </summary>
internal sealed class LocalRequests(RequestDelegate next, IOptions<ServingOptions> options)
{
    private const string AnyHost = "*";

    private readonly HashSet<string> _hosts =
        new(options.Value is { Keys.Count: > 0, AllowedHosts.Count: 0 } ? [AnyHost] : options.Value.AllowedHosts, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (!IsKnown(request.Host))
        {
            return Refuse(
                context,
                StatusCodes.Status421MisdirectedRequest,
                "The host is not served.",
                $"Requests for host '{Parameters.Shorten(request.Host.Value ?? "")}' are not served. Use localhost or 127.0.0.1, or allow the name "
                + "by the setting AllowedHosts.");
        }

        if (!IsSafe(request.Method) && !IsOfSameOrigin(request))
        {
            return Refuse(
                context,
                StatusCodes.Status403Forbidden,
                "Pages of other sites may not change anything.",
                "The request was made by a page of another origin. Send it from the console, or from a program that sets no Origin header.");
        }

        return next(context);
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static bool IsOfSameOrigin(HttpRequest request)
    {
        string site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
        {
            return site is "same-origin" or "none";
        }

        string origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || origin.Equals($"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);
    }

    private static Task Refuse(HttpContext context, int status, string title, string detail) =>
        Results.Problem(detail, statusCode: status, title: title).ExecuteAsync(context);

    private bool IsKnown(HostString host) =>
        host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Host, out IPAddress? address) && IPAddress.IsLoopback(address))
        || _hosts.Contains(host.Host)
        || _hosts.Contains(AnyHost);
}

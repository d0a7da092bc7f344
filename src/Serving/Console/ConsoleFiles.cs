using System.Security.Cryptography;
using Lambda.Serving.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Lambda.Serving.Console;

/// <summary>Serves the web console from the assembly, so that it is there however the application is started.</summary>
internal static class ConsoleFiles
{
    private const string Prefix = "console/";

    /// <summary>Nothing from elsewhere, and no code or style but from files.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'";

    private static readonly Dictionary<string, string> ContentTypes = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (string resource in typeof(ConsoleFiles).Assembly.GetManifestResourceNames())
        {
            string path = resource.Replace('\\', '/');
            if (path.StartsWith(Prefix, StringComparison.Ordinal) && ContentTypes.TryGetValue(Path.GetExtension(path), out string? contentType))
            {
                Map(app, path[Prefix.Length..], Read(resource), contentType);
            }
        }
    }

    private static void Map(IEndpointRouteBuilder app, string path, byte[] content, string contentType)
    {
        EntityTagHeaderValue tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"");
        app.MapGet(path == "index.html" ? "/" : $"/{Prefix}{path}", (HttpContext context) =>
        {
            IHeaderDictionary headers = context.Response.Headers;
            headers.CacheControl = "no-cache";
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            return Results.Bytes(content, contentType, entityTag: tag);
        }).Require(ApiRoles.Query).ExcludeFromDescription();
    }

    private static byte[] Read(string resource)
    {
        using Stream stream = typeof(ConsoleFiles).Assembly.GetManifestResourceStream(resource)!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}

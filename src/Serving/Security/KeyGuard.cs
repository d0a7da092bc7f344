using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using AuthenticationHeaderValue = System.Net.Http.Headers.AuthenticationHeaderValue;

namespace Lambda.Serving.Security;

/// <summary>
/// Lets callers of endpoints that have a <see cref="RequiredRole"/> pass when the key that they send has it: <c>Authorization: Bearer KEY</c>, or the password of <c>Basic</c>, which
/// browsers ask people for by themselves.
/// </summary>
internal sealed class KeyGuard(RequestDelegate next, IOptions<ServingOptions> options)
{
    private const string Basic = "Basic";
    private const string Bearer = "Bearer";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Decides about a request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequiredRole>() is not { Role: var role } || context.Features.Get<TrustedConnection>() is not null)
        {
            return next(context);
        }

        return Find(context.Request.Headers.Authorization) switch
        {
            null => RefuseUnknown(context),
            { } caller when !caller.Roles.HasFlag(role) => RefuseRole(context, caller, role),
            _ => next(context),
        };
    }

    /// <summary>Whose key a header has; null when it is nobody's.</summary>
    private ApiKey? Find(string? header)
    {
        if (!AuthenticationHeaderValue.TryParse(header, out AuthenticationHeaderValue? given) || given.Parameter is not { Length: > 0 } sent)
        {
            return null;
        }

        string? secret = given.Scheme.Equals(Bearer, StringComparison.OrdinalIgnoreCase) ? sent
            : given.Scheme.Equals(Basic, StringComparison.OrdinalIgnoreCase) ? PasswordOf(sent)
            : null;

        // Hashes are compared, so how long that takes tells nothing of a key.
        return secret is not null && ApiKey.Hash(secret) is var hash ? options.Value.Keys.FirstOrDefault(key => key.Sha256 == hash) : null;
    }

    /// <summary>The password of name and password, which have a colon between.</summary>
    private static string? PasswordOf(string encoded)
    {
        try
        {
            string pair = Utf8.GetString(Convert.FromBase64String(encoded));
            int colon = pair.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? null : pair[(colon + 1)..];
        }
        catch (Exception error) when (error is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    private static Task RefuseUnknown(HttpContext context)
    {
        context.Response.Headers.Append(HeaderNames.WWWAuthenticate, $"{Basic} realm=\"lambda\", charset=\"UTF-8\"");
        context.Response.Headers.Append(HeaderNames.WWWAuthenticate, Bearer);
        return Refuse(
            context,
            StatusCodes.Status401Unauthorized,
            "The caller is not known.",
            (context.Request.Headers.Authorization.Count > 0 ? "The key that was sent is none of this server's. " : "This server asks callers for a key. ")
            + "Send one as 'Authorization: Bearer KEY'; a browser takes it as the password, and commands by the setting ApiKey.");
    }

    private static Task RefuseRole(HttpContext context, ApiKey caller, ApiRoles role) => Refuse(
        context,
        StatusCodes.Status403Forbidden,
        "The caller may not do this.",
        $"This takes a key with role '{role.ToString().ToLowerInvariant()}', which key '{caller.Name}' does not have. Use another one, or give it the role by setting "
        + $"ApiKeys:{caller.Name}:Roles.");

    private static Task Refuse(HttpContext context, int status, string title, string detail) =>
        Results.Problem(detail, statusCode: status, title: title).ExecuteAsync(context);
}

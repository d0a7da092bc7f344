using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using AuthenticationHeaderValue = System.Net.Http.Headers.AuthenticationHeaderValue;

namespace Lambda.Serving.Security;

/// <summary>
/// Tells callers apart by the key that they send: <c>Authorization: Bearer KEY</c>, or as the password of <c>Basic</c>, which browsers ask people for by themselves. As long as no key is
/// known everybody may do everything, which is why the server is then reached from its own machine only.
/// </summary>
internal sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory logging, UrlEncoder encoder, IOptions<ServingOptions> serving)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, logging, encoder)
{
    /// <summary>The name of the scheme.</summary>
    public new const string Scheme = "ApiKey";

    private const string Basic = "Basic";
    private const string Bearer = "Bearer";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.Append(HeaderNames.WWWAuthenticate, $"{Basic} realm=\"lambda\", charset=\"UTF-8\"");
        Response.Headers.Append(HeaderNames.WWWAuthenticate, Bearer);
        return Refuse(
            StatusCodes.Status401Unauthorized,
            "The caller is not known.",
            (Request.Headers.Authorization.Count > 0 ? "The key that was sent is none of this server's. " : "This server asks callers for a key. ")
            + "Send one as 'Authorization: Bearer KEY'; a browser takes it as the password, and commands by the setting ApiKey.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        ApiRoles needed = Context.GetEndpoint()?.Metadata.GetMetadata<RequiredRole>()?.Role ?? ApiRoles.Admin;
        return Refuse(
            StatusCodes.Status403Forbidden,
            "The caller may not do this.",
            $"This takes a key with role '{Name(needed)}', which key '{Context.User.Identity?.Name}' does not have. Use another one, or give it the role by setting "
            + $"ApiKeys:{Context.User.Identity?.Name}:Roles.");
    }

    private static string Name(ApiRoles role) => role.ToString().ToLowerInvariant();

    private AuthenticateResult Authenticate()
    {
        if (serving.Value.Keys.Count == 0 || Context.Features.Get<TrustedConnection>() is not null)
        {
            return Known(name: null, ApiRoles.Admin);
        }

        if (Request.Headers.Authorization.Count == 0)
        {
            return AuthenticateResult.NoResult();
        }

        // The hash is compared, so how long that takes tells nothing of a key.
        return Secret() is { } secret && ApiKey.Hash(secret) is var hash && serving.Value.Keys.FirstOrDefault(key => key.Sha256 == hash) is { } known
            ? Known(known.Name, known.Roles)
            : AuthenticateResult.Fail("The key is not known.");
    }

    /// <summary>What the request has for a key; null when there is nothing that could be one.</summary>
    private string? Secret()
    {
        if (!AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out AuthenticationHeaderValue? given) || given.Parameter is not { Length: > 0 } sent)
        {
            return null;
        }

        if (given.Scheme.Equals(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return sent;
        }

        return given.Scheme.Equals(Basic, StringComparison.OrdinalIgnoreCase) ? PasswordOf(sent) : null;
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

    private static AuthenticateResult Known(string? name, ApiRoles roles)
    {
        ClaimsIdentity identity = new(Scheme);
        if (name is not null)
        {
            identity.AddClaim(new Claim(identity.NameClaimType, name));
        }

        foreach (ApiRoles role in (ApiRoles[])[ApiRoles.Query, ApiRoles.Ingest, ApiRoles.Admin])
        {
            if (roles.HasFlag(role))
            {
                identity.AddClaim(new Claim(identity.RoleClaimType, role.ToString()));
            }
        }

        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));
    }

    private Task Refuse(int status, string title, string detail) => Results.Problem(detail, statusCode: status, title: title).ExecuteAsync(Context);
}

using Lambda.Hosting.Settings;
using Lambda.Serving.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Lambda.Hosting.Composition;

/// <summary>Tells commands of other processes which of their settings this one has otherwise. It tells no value.</summary>
internal static class SettingsEndpoint
{
    /// <summary>The path.</summary>
    public const string Path = "internal/settings/differing";

    public static void Map(WebApplication app, Application application) =>
        app.MapPost($"/{Path}", (Dictionary<string, string> settings) => Results.Ok(WorkSettings.FindDiffering(application.Configuration, settings)))
            .Require(ApiRoles.Query).ExcludeFromDescription();
}

using Lambda.Serving.Formats;
using Lambda.Serving.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Lambda.Serving.Reference;

/// <summary>The OpenAPI document and the page that shows it.</summary>
internal static class ApiReference
{
    private const string Page = "/docs";
    private const string KeyScheme = "ApiKey";

    public static void AddApiReference(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer((document, context, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Lambda serving API",
                Version = "v1",
                Description = "Merged answers of the batch and the speed layer, what they are worth, and how the layers differ. Times are ISO 8601 in UTC, "
                    + "intervals half-open; errors are problem details (RFC 9457).",
            };
            if (context.ApplicationServices.GetRequiredService<IOptions<ServingOptions>>().Value.Keys.Count > 0)
            {
                RequireKey(document);
            }

            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(NamedValues))
            {
                schema.Type = JsonSchemaType.Object;
                schema.AdditionalPropertiesAllowed = true;
                schema.Description = "Values by name.";
            }

            return Task.CompletedTask;
        });
    });

    /// <summary>
    /// Lets the page load nothing from elsewhere, so that it works without a network and tells nobody what is looked at. Its start is a script in
    /// the page.
    /// </summary>
    public static void Guard(IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.Path.StartsWithSegments(Page, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.ContentSecurityPolicy =
                "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
                + "base-uri 'self'; form-action 'none'; frame-ancestors 'none'";
        }

        return next(context);
    });

    private static void RequireKey(OpenApiDocument document)
    {
        document.AddComponent(KeyScheme, new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" });
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(KeyScheme, document)] = [] }];
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapOpenApi().Require(ApiRoles.Query);
        app.MapScalarApiReference(Page, options => options
            .WithTitle("Lambda serving API")
            .WithFavicon("/console/icon.svg")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideDeveloperTools()
            .HideClientButton()).Require(ApiRoles.Query);
    }
}

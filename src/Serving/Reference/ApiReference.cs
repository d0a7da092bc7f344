using Lambda.Serving.Formats;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Lambda.Serving.Reference;

/// <summary>The OpenAPI document and the page that shows it.</summary>
internal static class ApiReference
{
    public static void AddApiReference(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Lambda serving API",
                Version = "v1",
                Description = "Merged answers of the batch and the speed layer, what they are worth, and how the layers differ. Times are ISO 8601 in UTC, "
                    + "intervals half-open; errors are problem details (RFC 9457).",
            };
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

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapOpenApi();
        app.MapScalarApiReference("/docs", options => options.WithTitle("Lambda serving API").DisableDefaultFonts());
    }
}

using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.OpenApi;

namespace Lambda.Serving.Reference;

/// <summary>
/// Describes bodies that endpoints read by themselves. (Declaring them to routing would have it answer other content types, without saying what to send.)
/// </summary>
internal static class RequestBodies
{
    /// <summary>Describes the body of an endpoint, with an example per content type.</summary>
    public static RouteHandlerBuilder WithBody(this RouteHandlerBuilder endpoint, string description, params (string ContentType, string Example)[] forms) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Description = description,
                Content = forms.ToDictionary(
                    form => form.ContentType,
                    form => new OpenApiMediaType { Example = form.Example is ['{' or '[', ..] && !form.Example.Contains('\n') ? JsonNode.Parse(form.Example) : form.Example }),
            };
            return Task.CompletedTask;
        });
}

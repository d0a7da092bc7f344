using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lambda.Serving.Security;

/// <summary>What a caller of an endpoint must be allowed to do, as metadata of the endpoint. It counts as soon as there are keys.</summary>
/// <param name="Role">The role.</param>
internal sealed record RequiredRole(ApiRoles Role);

/// <summary>Who may call endpoints.</summary>
internal static class RequiredRoles
{
    /// <summary>Has endpoints ask for a role.</summary>
    public static TBuilder Require<TBuilder>(this TBuilder endpoints, ApiRoles role)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new RequiredRole(role));

    /// <summary>Has endpoints that say nothing themselves ask for the role that their methods need: those that only read are for queries, all others for admins.</summary>
    public static TBuilder RequireByMethod<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Finally(endpoint =>
        {
            if (!endpoint.Metadata.OfType<RequiredRole>().Any())
            {
                bool onlyReads = endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault() is { HttpMethods.Count: > 0 } methods
                    && methods.HttpMethods.All(method => HttpMethods.IsGet(method) || HttpMethods.IsHead(method));
                endpoint.Metadata.Add(new RequiredRole(onlyReads ? ApiRoles.Query : ApiRoles.Admin));
            }
        });
        return endpoints;
    }
}

using Lambda.Batch;
using Lambda.Batch.Recompute.Contents;
using Lambda.Serving.Security;
using Lambda.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Hosting.Composition;

/// <summary>What commands of other processes ask about generations, of a process that runs the batch layer.</summary>
internal static class GenerationEndpoints
{
    /// <summary>The path that has the generation of a stream verified that serves.</summary>
    public static string VerifyPath(string stream) => $"internal/streams/{Uri.EscapeDataString(stream)}/generations/verify";

    public static void Map(WebApplication app)
    {
        RouteGroupBuilder generations = app.MapGroup("/internal/streams/{stream}/generations");
        generations.RequireByMethod().ExcludeFromDescription();
        generations.MapPost("/verify", VerifyAsync);
    }

    private static async Task<IResult> VerifyAsync(string stream, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetService<BatchRunner>() is not { } runner)
        {
            return Failed("This process does not run the batch layer, which verifies generations. Ask one that does: give its address as --server, or none.");
        }

        try
        {
            VerifiedGeneration verified = await runner.VerifyAsync(stream, cancellationToken).ConfigureAwait(false);
            return Results.Ok(verified);
        }
        catch (Exception error) when (error is BatchException or ViewStoreException)
        {
            return Failed(error.Message);
        }
    }

    private static IResult Failed(string message) => Results.Problem(message, statusCode: StatusCodes.Status500InternalServerError);
}

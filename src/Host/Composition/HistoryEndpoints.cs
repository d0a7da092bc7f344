using Lambda.Batch;
using Lambda.Batch.Archive;
using Lambda.Batch.Deletion;
using Lambda.Batch.History;
using Lambda.Batch.History.Maintenance;
using Lambda.Definition;
using Lambda.Log;
using Lambda.Serving.Security;
using Lambda.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Hosting.Composition;

/// <summary>What commands of other processes ask about histories, of the process that has them open.</summary>
internal static class HistoryEndpoints
{
    /// <summary>The path of something to do with a stream's history; what it consists of when <paramref name="action"/> is empty.</summary>
    public static string Path(string stream, string action) => $"internal/streams/{Uri.EscapeDataString(stream)}/history/{action}";

    public static void Map(WebApplication app, BatchOptions batch)
    {
        RouteGroupBuilder history = app.MapGroup("/internal/streams/{stream}/history");
        history.AddEndpointFilter(ExplainAsync);
        history.RequireByMethod().ExcludeFromDescription();
        history.MapGet("/", async (string stream, string? asOf, IServiceProvider services, CancellationToken cancellationToken) =>
            Results.Ok(await Runner(services).DescribeHistoryAsync(stream, PointOf(asOf), cancellationToken).ConfigureAwait(false)));
        history.MapPost("/verify", async (string stream, string? asOf, IServiceProvider services, CancellationToken cancellationToken) =>
            Results.Ok(await Runner(services).VerifyHistoryAsync(stream, PointOf(asOf), cancellationToken).ConfigureAwait(false)));
        history.MapPost("/compact", async (string stream, IServiceProvider services, CancellationToken cancellationToken) =>
            Results.Ok(await Runner(services).CompactAsync(stream, cancellationToken).ConfigureAwait(false)));
        history.MapPost("/vacuum", async (string stream, bool? dryRun, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            VacuumMode mode = dryRun == true ? VacuumMode.DryRun : VacuumMode.Delete;
            return Results.Ok(await Runner(services).VacuumAsync(stream, mode, cancellationToken).ConfigureAwait(false));
        });
        history.MapPost("/adopt", async (string stream, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            if (services.GetRequiredService<Catalog>().FindStream(stream) is not { } definition)
            {
                throw new BatchException($"There is no stream '{stream}'.");
            }

            // Asked of the store alone: where the history is another one, no process with the batch layer starts.
            await HistoryIdentity.ForgetAsync(
                services.GetRequiredService<IViewStore>(), definition.Name, batch, services.GetRequiredService<TimeProvider>(), cancellationToken).ConfigureAwait(false);
            return Results.Ok(new { });
        });
        history.MapPost("/delete", async (string stream, DeletionRequest request, IServiceProvider services, CancellationToken cancellationToken) =>
        {
            if (string.IsNullOrWhiteSpace(request.Where))
            {
                throw new BadHttpRequestException("Say which events: give 'where', a condition in SQL such as \"user_id = 'u-17'\".");
            }

            DeletionMode mode = request.DryRun ? DeletionMode.DryRun : DeletionMode.Delete;
            return Results.Ok(await Runner(services).DeleteAsync(stream, request.Where, mode, cancellationToken).ConfigureAwait(false));
        });
    }

    private static BatchRunner Runner(IServiceProvider services) => services.GetService<BatchRunner>()
        ?? throw new BatchException("This process does not run the batch layer, which looks after histories. Ask one that does: give its address as --server, or none.");

    private static HistoryPoint PointOf(string? text) => text is null
        ? HistoryPoint.Now
        : HistoryPoint.Parse(text) ?? throw new BadHttpRequestException(
            $"'{text}' is no point of a history. Give the number of a version, such as 12, or a time, such as 2026-01-31T12:00:00Z.");

    private static async ValueTask<object?> ExplainAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context).ConfigureAwait(false);
        }
        catch (BadHttpRequestException error)
        {
            return Results.Problem(error.Message, statusCode: StatusCodes.Status400BadRequest);
        }
        catch (Exception error) when (error is BatchException or HistoryException or ViewStoreException or EventLogException or IOException)
        {
            return Results.Problem(error.Message, statusCode: StatusCodes.Status500InternalServerError);
        }
    }

    /// <param name="Where">Which events: a condition in the SQL of DuckDB over the columns of the history.</param>
    /// <param name="DryRun">Whether they are only counted.</param>
    private sealed record DeletionRequest(string? Where, bool DryRun);
}

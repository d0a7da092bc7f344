using Lambda.Replays;
using Lambda.Serving.Answers;
using Lambda.Serving.Requests;
using Lambda.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lambda.Serving.Api;

/// <summary>Begins, shows, promotes and drops replays of streams.</summary>
internal static class ReplayEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder replays = api.MapGroup("/streams/{stream}/replays").WithTags("Replays");
        replays.MapPost("", StartAsync)
            .WithSummary("Begins a replay")
            .WithDescription(
                "The speed layer computes the stream's views anew as they are declared now, from where the stream begins: from the history, and behind its end from the "
                + "log. What answers goes on to. The replay's own address tells how far it has come.")
            .Produces<ReplayAnswer>(202)
            .ProducesProblem(404).ProducesProblem(409);
        replays.MapGet("", async (string stream, ReplayService service, ViewRequestReader reader, CancellationToken cancellationToken) =>
                (await service.ListAsync(reader.FindStream(stream).Name, cancellationToken).ConfigureAwait(false)).Select(ReplayAnswer.Of).ToArray())
            .WithSummary("Lists the replays of a stream")
            .WithDescription("With what answers, and what answered before and is kept. Empty when the stream was never replayed.")
            .ProducesProblem(404);
        replays.MapGet("/{replay}", async (string stream, int replay, ReplayService service, ViewRequestReader reader, CancellationToken cancellationToken) =>
                ReplayAnswer.Of(await FindAsync(reader.FindStream(stream).Name, replay, service, cancellationToken).ConfigureAwait(false)))
            .WithSummary("Shows a replay")
            .ProducesProblem(404);
        replays.MapPost("/{replay}/promote", PromoteAsync)
            .WithSummary("Has a replay answer")
            .WithDescription(
                "At once for all views of the stream, in place of what does, which is kept so that it can be promoted again. Refused while the replay is not complete, "
                + "and while a batch run of the stream is under way.")
            .Produces<ReplayAnswer>(200)
            .ProducesProblem(404).ProducesProblem(409);
        replays.MapDelete("/{replay}", DropAsync)
            .WithSummary("Drops a replay")
            .WithDescription("Removes it with its results. The one that answers cannot be dropped.")
            .Produces(204)
            .ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> StartAsync(
        string stream, ReplayService service, ViewRequestReader reader, CancellationToken cancellationToken)
    {
        try
        {
            EditionInfo replay = await service.StartAsync(reader.FindStream(stream).Name, cancellationToken).ConfigureAwait(false);
            return Results.Accepted($"/api/streams/{Uri.EscapeDataString(replay.Stream)}/replays/{replay.Edition}", ReplayAnswer.Of(replay));
        }
        catch (ViewStoreException refusal)
        {
            throw new RequestException(StatusCodes.Status409Conflict, "The stream cannot be replayed.", refusal.Message);
        }
    }

    private static async Task<ReplayAnswer> PromoteAsync(
        string stream, int replay, ReplayService service, ViewRequestReader reader, CancellationToken cancellationToken)
    {
        string name = reader.FindStream(stream).Name;
        await FindAsync(name, replay, service, cancellationToken).ConfigureAwait(false);
        try
        {
            return ReplayAnswer.Of(await service.PromoteAsync(name, replay, cancellationToken).ConfigureAwait(false));
        }
        catch (ViewStoreException refusal)
        {
            throw new RequestException(StatusCodes.Status409Conflict, "The replay cannot answer.", refusal.Message);
        }
    }

    private static async Task<IResult> DropAsync(
        string stream, int replay, ReplayService service, ViewRequestReader reader, CancellationToken cancellationToken)
    {
        string name = reader.FindStream(stream).Name;
        await FindAsync(name, replay, service, cancellationToken).ConfigureAwait(false);
        try
        {
            await service.DropAsync(name, replay, cancellationToken).ConfigureAwait(false);
            return Results.NoContent();
        }
        catch (ViewStoreException refusal)
        {
            throw new RequestException(StatusCodes.Status409Conflict, "The replay cannot be dropped.", refusal.Message);
        }
    }

    private static async Task<EditionInfo> FindAsync(string stream, int replay, ReplayService service, CancellationToken cancellationToken) =>
        (await service.ListAsync(stream, cancellationToken).ConfigureAwait(false)).FirstOrDefault(edition => edition.Edition == replay)
            ?? throw RequestException.NotFound(
                $"Stream '{stream}' has no replay {replay}: it was dropped, or there never was one. GET /api/streams/{stream}/replays lists them.");
}

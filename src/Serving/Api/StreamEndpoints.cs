using Lambda.Serving.Answers;
using Lambda.Serving.Queries;
using Lambda.Serving.Reference;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lambda.Serving.Api;

/// <summary>Streams and their generations.</summary>
internal static class StreamEndpoints
{
    private const int UsualLimit = 50;
    private const int MaxLimit = 1_000;
    private const string Known = "Parameters are: stream, limit.";

    public static void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder streams = api.MapGroup("").WithTags("Streams");
        streams.MapGet("/streams", async (StreamQuery query, CancellationToken cancellationToken) => await query.ReadAllAsync(cancellationToken))
            .WithSummary("Lists the streams")
            .WithDescription("Where every stream stands: watermark, lag, generation, boundary, quarantined records, partitions.");
        streams.MapGet("/streams/{stream}", ReadStreamAsync)
            .WithSummary("Shows a stream")
            .Produces<StreamAnswer>()
            .ProducesProblem(404);
        MapGenerations(api);
    }

    /// <summary>Maps what the batch layer has made of streams, which its own processes answer as well.</summary>
    public static void MapGenerations(RouteGroupBuilder api) => api.MapGet("/generations", ReadGenerationsAsync)
        .WithTags("Streams")
        .WithSummary("Lists generations")
        .WithDescription("The generations of a stream that are still known, newest first, and behind as many as were asked for the one that serves, if it is none of them.")
        .WithParameters(QueryParameters.Stream, QueryParameters.Limit)
        .ProducesProblem(400).ProducesProblem(404);

    private static async Task<StreamAnswer> ReadStreamAsync(
        string stream, ViewRequestReader reader, StreamQuery query, CancellationToken cancellationToken) =>
        await query.ReadAsync(reader.FindStream(stream), cancellationToken).ConfigureAwait(false)
        ?? throw RequestException.NotFound($"The store does not know stream '{stream}' yet. Start the speed layer or run the batch layer.");

    private static async Task<IEnumerable<GenerationAnswer>> ReadGenerationsAsync(
        HttpRequest http, ViewRequestReader reader, IViewStore store, CancellationToken cancellationToken)
    {
        (StreamDefinition stream, int limit) = Take(http, reader);
        StreamStatus? status = await store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<GenerationInfo> newest = await store.ReadGenerationsAsync(stream.Name, limit, cancellationToken).ConfigureAwait(false);

        // After many runs that were blocked it is older than all that are listed.
        IEnumerable<GenerationInfo> serving = status?.CurrentGeneration is { } current && newest.All(generation => generation.Generation != current.Generation)
            ? [current]
            : [];
        return newest.Concat(serving).Select(generation => new GenerationAnswer(
            generation.Stream,
            generation.Generation,
            generation.State,
            generation.HistoryVersion,
            generation.Boundary.Offsets,
            generation.StartedAt,
            generation.EndedAt,
            generation.ViewVersions));
    }

    private static (StreamDefinition Stream, int Limit) Take(HttpRequest http, ViewRequestReader reader)
    {
        Parameters parameters = new(http.Query);
        StreamDefinition stream = reader.TakeStream(parameters);
        int limit = parameters.TakeNumber("limit", UsualLimit, 1, MaxLimit);
        parameters.MustBeEmpty(Known);
        return (stream, limit);
    }
}

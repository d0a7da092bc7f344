using Lambda.Serving.Answers;
using Lambda.Serving.Queries;
using Lambda.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lambda.Serving.Api;

/// <summary>Tells machines whether the process lives and whether it can answer.</summary>
internal static class HealthEndpoints
{
    /// <summary>Whether the process can answer.</summary>
    /// <param name="Status"><c>ready</c> or <c>notReady</c>.</param>
    /// <param name="Reasons">Why it is not ready.</param>
    /// <param name="Lag">By stream how far the speed layer is behind.</param>
    internal sealed record Readiness(string Status, IReadOnlyList<string> Reasons, IReadOnlyDictionary<string, LagAnswer> Lag);

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder health = app.MapGroup("/health").WithTags("Health");
        health.MapGet("/live", () => Results.Text("alive"))
            .WithSummary("Says that the process lives");
        health.MapGet("/ready", ReadyAsync)
            .WithSummary("Says whether queries can be answered")
            .WithDescription("200 when the store and the log answer and the lag of every stream is known; 503 with the reasons otherwise.")
            .Produces<Readiness>().Produces<Readiness>(503);
    }

    private static async Task<IResult> ReadyAsync(Definition.Catalog catalog, StreamQuery streams, CancellationToken cancellationToken)
    {
        List<string> reasons = [];
        Dictionary<string, LagAnswer> lag = [];
        try
        {
            StreamsAnswer answer = await streams.ReadAllAsync(cancellationToken).ConfigureAwait(false);
            foreach (StreamAnswer stream in answer.Streams)
            {
                if (stream.Lag is { } known)
                {
                    lag.Add(stream.Stream, known);
                }
                else
                {
                    reasons.Add($"The log does not answer for stream '{stream.Stream}'.");
                }
            }

            reasons.AddRange(catalog.Streams.Select(stream => stream.Name)
                .Except(answer.Streams.Select(stream => stream.Stream))
                .Select(stream => $"The store does not know stream '{stream}' yet."));
        }
        catch (ViewStoreException exception)
        {
            reasons.Add($"The store does not answer: {exception.Message}");
        }

        return reasons.Count == 0
            ? Results.Ok(new Readiness("ready", reasons, lag))
            : Results.Json(new Readiness("notReady", reasons, lag), statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}

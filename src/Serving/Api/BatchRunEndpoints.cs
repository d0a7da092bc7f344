using System.Text.Json;
using Lambda.Jobs;
using Lambda.Serving.Ingest;
using Lambda.Serving.Queries;
using Lambda.Serving.Reference;
using Lambda.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lambda.Serving.Api;

/// <summary>Starts and watches runs of the batch layer.</summary>
internal static class BatchRunEndpoints
{
    private const int UsualLimit = 20;
    private const int MaxLimit = 1_000;
    private const int MaxBodyBytes = 10_000;

    public static void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder runs = api.MapGroup("/batch/runs").WithTags("Batch");
        runs.MapPost("", StartAsync)
            .WithSummary("Starts a batch run")
            .WithDescription("Asks for a recompute of a stream's views and returns at once; the run's own address tells how it goes.")
            .WithBody("The stream; may be left out when there is only one.", ("application/json", """{"stream": "flights"}"""))
            .Produces<BatchRunStatus>(202)
            .ProducesProblem(400).ProducesProblem(404);
        runs.MapGet("/{id}", (string id, IBatchRuns batch) => batch.Find(id) ?? throw Unknown(id))
            .WithSummary("Shows a batch run, with its log")
            .ProducesProblem(404);
        runs.MapPost("/{id}/cancel", (string id, IBatchRuns batch) => batch.Cancel(id) is { } run
                ? Results.Accepted($"/api/batch/runs/{Uri.EscapeDataString(id)}", run)
                : throw Unknown(id))
            .WithSummary("Cancels a batch run")
            .WithDescription("A run that waits will not start; one at work stops within seconds. Nothing that is served changes. A run that has ended stays as it is.")
            .Produces<BatchRunStatus>(202)
            .ProducesProblem(404);
        runs.MapGet("", ListRuns)
            .WithSummary("Lists batch runs")
            .WithDescription("The runs of a stream that are still known, newest first.")
            .WithParameters(QueryParameters.Stream, QueryParameters.Limit)
            .ProducesProblem(400).ProducesProblem(404);
    }

    private static async Task<IResult> StartAsync(HttpRequest http, IBatchRuns batch, ViewRequestReader reader, CancellationToken cancellationToken)
    {
        byte[] body = await BodyReader.ReadAsync(http, MaxBodyBytes, cancellationToken).ConfigureAwait(false);
        StreamDefinition stream = reader.TakeStream(new Parameters(ReadStream(body) is { } name ? [new("stream", name)] : []));
        string id = await batch.StartAsync(stream.Name, cancellationToken).ConfigureAwait(false);
        return Results.Accepted($"/api/batch/runs/{Uri.EscapeDataString(id)}", batch.Find(id));
    }

    private static RequestException Unknown(string id) => RequestException.NotFound(
        $"There is no batch run '{Parameters.Shorten(id)}', or it is no longer known. GET /api/batch/runs lists them.");

    private static string? ReadStream(byte[] body)
    {
        if (body.Length == 0)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("stream", out JsonElement stream)
                ? stream.GetString()
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new RequestException(
                StatusCodes.Status400BadRequest,
                "The body cannot be read.",
                $"The body is not an object such as {{\"stream\": \"flights\"}}: {exception.Message}");
        }
    }

    private static IReadOnlyList<BatchRunStatus> ListRuns(HttpRequest http, IBatchRuns batch, ViewRequestReader reader)
    {
        Parameters parameters = new(http.Query);
        StreamDefinition stream = reader.TakeStream(parameters);
        int limit = parameters.TakeNumber("limit", UsualLimit, 1, MaxLimit);
        parameters.MustBeEmpty("Parameters are: stream, limit.");
        return batch.Recent(stream.Name, limit);
    }
}

using Lambda.Jobs;
using Lambda.Serving.Answers;
using Lambda.Serving.Ingest;
using Lambda.Serving.Reference;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Lambda.Serving.Api;

/// <summary>Starts and watches runs of the batch layer.</summary>
internal static class BatchRunEndpoints
{
    private const int UsualLimit = 20;
    private const int MaxLimit = 1_000;
    private const int MaxBodyBytes = 10_000;
    private const string Example = """{"stream": "flights"}""";
    private const string RollbackExample = """{"stream": "flights", "generation": 12}""";
    private static readonly string[] OrderMembers = ["stream", "full", "dryRun", "from", "to"];
    private static readonly string[] RollbackMembers = ["stream", "generation"];

    public static void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder runs = api.MapGroup("/batch/runs").WithTags("Batch");
        runs.MapPost("", StartAsync)
            .WithSummary("Starts a batch run")
            .WithDescription(
                "Asks for a recompute of a stream's views and returns at once; the run's own address tells how it goes. Usually new events are merged into what the "
                + "generation before it has; with full, everything is computed; with from, to or both, the windows of these event times are computed anew besides. With dryRun nothing is published, and the run tells what a publication would change.")
            .WithBody(
                "The stream, which may be left out when there is only one, and what is asked of the run.",
                ("application/json", """{"stream": "flights", "full": false, "dryRun": false, "from": "2001-01-14", "to": "2001-01-15"}"""))
            .Produces<BatchRunAnswer>(202)
            .ProducesProblem(400).ProducesProblem(404);
        runs.MapGet("/{id}", (string id, IBatchRuns batch) => batch.Find(id) is { } run ? BatchRunAnswer.Of(run) : throw Unknown(id))
            .WithSummary("Shows a batch run, with its log")
            .ProducesProblem(404);
        runs.MapPost("/{id}/cancel", (string id, IBatchRuns batch) => batch.Cancel(id) is { } run
                ? Results.Accepted($"/api/batch/runs/{Uri.EscapeDataString(id)}", BatchRunAnswer.Of(run))
                : throw Unknown(id))
            .WithSummary("Cancels a batch run")
            .WithDescription("A run that waits will not start; one at work stops within seconds. Nothing that is served changes. A run that has ended stays as it is.")
            .Produces<BatchRunAnswer>(202)
            .ProducesProblem(404);
        runs.MapGet("", ListRuns)
            .WithSummary("Lists batch runs")
            .WithDescription("The runs of a stream that are still known, newest first.")
            .WithParameters(QueryParameters.Stream, QueryParameters.Limit)
            .ProducesProblem(400).ProducesProblem(404);
        api.MapPost("/batch/rollbacks", RollBackAsync).WithTags("Batch")
            .WithSummary("Has an earlier generation serve again")
            .WithDescription("At once, with its own boundary. GET /api/generations lists those that are kept. The next run goes on from it.")
            .WithBody("The stream, which may be left out when there is only one, and the generation.", ("application/json", """{"stream": "flights", "generation": 12}"""))
            .Produces<RollbackAnswer>(200)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> StartAsync(HttpRequest http, IBatchRuns batch, ViewRequestReader reader, CancellationToken cancellationToken)
    {
        (string? name, BatchRunOrder order) = BodyMembers.Read(
            await BodyReader.ReadAsync(http, MaxBodyBytes, cancellationToken).ConfigureAwait(false),
            Example,
            OrderMembers,
            body => (body.Text("stream"), new BatchRunOrder(
                body.Flag("full") ? RunScope.All : RunScope.New, body.Flag("dryRun") ? RunPurpose.Rehearse : RunPurpose.Publish)
            {
                Range = RangeOf(body),
            }));
        if (order is { Scope: RunScope.All, Range: not null })
        {
            throw new RequestException(
                StatusCodes.Status400BadRequest, "The run is asked for two things.", "With 'full' everything is computed; leave it or 'from' and 'to' out.");
        }

        string id = await batch.StartAsync(Find(reader, name).Name, order, cancellationToken).ConfigureAwait(false);
        return Results.Accepted($"/api/batch/runs/{Uri.EscapeDataString(id)}", batch.Find(id) is { } run ? BatchRunAnswer.Of(run) : null);
    }

    private static RequestException Unknown(string id) => RequestException.NotFound(
        $"There is no batch run '{Parameters.Shorten(id)}', or it is no longer known. GET /api/batch/runs lists them.");

    private static async Task<RollbackAnswer> RollBackAsync(HttpRequest http, IBatchRuns batch, ViewRequestReader reader, CancellationToken cancellationToken)
    {
        (string? name, long generation) = BodyMembers.Read(
            await BodyReader.ReadAsync(http, MaxBodyBytes, cancellationToken).ConfigureAwait(false),
            RollbackExample,
            RollbackMembers,
            body => (body.Text("stream"), body.Number("generation")));
        try
        {
            StreamDefinition stream = Find(reader, name);
            await batch.RollBackAsync(stream.Name, generation, cancellationToken).ConfigureAwait(false);
            return new RollbackAnswer(stream.Name, generation);
        }
        catch (ViewStoreException refusal)
        {
            throw new RequestException(StatusCodes.Status409Conflict, "The generation cannot serve again.", refusal.Message);
        }
    }

    private static StreamDefinition Find(ViewRequestReader reader, string? name) =>
        reader.TakeStream(new Parameters(name is null ? [] : [new("stream", name)]));

    /// <summary>The range of event times in a body; null when it names none.</summary>
    private static WindowRange? RangeOf(BodyMembers body)
    {
        Parameters given = new(((IEnumerable<string>)["from", "to"])
            .Where(name => body.Text(name) is not null)
            .Select(name => KeyValuePair.Create(name, new StringValues(body.Text(name)))));
        WindowRange range = ViewRequestReader.TakeRange(given);
        return range == WindowRange.All ? null : range;
    }

    private static IReadOnlyList<BatchRunAnswer> ListRuns(HttpRequest http, IBatchRuns batch, ViewRequestReader reader)
    {
        Parameters parameters = new(http.Query);
        StreamDefinition stream = reader.TakeStream(parameters);
        int limit = parameters.TakeNumber("limit", UsualLimit, 1, MaxLimit);
        parameters.MustBeEmpty("Parameters are: stream, limit.");
        return [.. batch.Recent(stream.Name, limit).Select(BatchRunAnswer.Of)];
    }
}

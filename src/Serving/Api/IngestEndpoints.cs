using Lambda.Log;
using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Lambda.Serving.Ingest;
using Lambda.Serving.Reference;
using Lambda.Serving.Requests;
using Lambda.Serving.Security;
using Lambda.Time;
using Lambda.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Lambda.Serving.Api;

/// <summary>Takes events over HTTP.</summary>
internal static class IngestEndpoints
{
    /// <summary>How many refused records an answer lists.</summary>
    private const int ListedErrors = 100;

    public static void Map(RouteGroupBuilder api) => api.MapGroup("/streams").WithTags("Streams")
        .MapPost("/{stream}/events", IngestAsync)
        .Require(ApiRoles.Ingest)
        .WithSummary("Sends events")
        .WithDescription(
            "Takes one JSON object, an array of them, or NDJSON. Records are judged one by one: good ones are appended to the log and acknowledged when "
            + "they are durable. 202: all were taken. 207: some were refused; the answer lists them by index. 400: none was taken. Sending a record again "
            + "after an answer got lost is safe when the stream has event ids: the batch layer counts it once.")
        .WithBody(
            "Events as the stream's event type has them.",
            ("application/json", """[{"id": 1, "time": "2001-01-01T00:10:00Z"}, {"id": 2, "time": "2001-01-01T00:11:00Z"}]"""),
            (FormatChoice.Ndjson, "{\"id\": 1, \"time\": \"2001-01-01T00:10:00Z\"}\n{\"id\": 2, \"time\": \"2001-01-01T00:11:00Z\"}\n"))
        .Produces<IngestAnswer>(202).Produces<IngestAnswer>(207)
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415).ProducesProblem(503);

    private static async Task<IResult> IngestAsync(
        string stream,
        HttpRequest http,
        ViewRequestReader reader,
        IEventLog log,
        TimeProvider time,
        IOptions<ServingOptions> options,
        CancellationToken cancellationToken)
    {
        StreamDefinition definition = reader.FindStream(stream);
        ServingOptions limits = options.Value;
        byte[] body = await BodyReader.ReadAsync(http, limits.MaxBodyBytes, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<Range> found = RecordSplitter.Split(http.ContentType, body);
        if (found.Count == 0)
        {
            throw new RequestException(StatusCodes.Status400BadRequest, "There is no record.", "The body holds no record. Send at least one JSON object.");
        }

        if (found.Count > limits.MaxRecords)
        {
            throw new RequestException(
                StatusCodes.Status413PayloadTooLarge,
                "There are too many records.",
                $"The body holds {found.Count} records; a request may hold {limits.MaxRecords}. No record was taken. Send them in several requests.");
        }

        using RecordBatch good = new();
        List<RecordError> errors = [];
        RecordGate gate = new(definition, limits.MaxRecordBytes, time.Now());
        for (int i = 0; i < found.Count; i++)
        {
            if (gate.Add(i, body.AsSpan(found[i]), good) is { } error)
            {
                errors.Add(error);
            }
        }

        if (good.Count == 0)
        {
            throw Refused(errors);
        }

        await log.AppendAsync(definition.Name, good, cancellationToken).ConfigureAwait(false);
        return Results.Json(
            new IngestAnswer(good.Count, errors.Count, [.. errors.Take(ListedErrors)]),
            statusCode: errors.Count == 0 ? StatusCodes.Status202Accepted : StatusCodes.Status207MultiStatus);
    }

    private static RequestException Refused(List<RecordError> errors) => new RequestException(
        errors.All(error => error.Reason == "tooLarge") ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest,
        "No record was taken.",
        errors.Count == 1
            ? $"The record was refused: {errors[0].Detail}"
            : $"All {errors.Count} records were refused; the first because: {errors[0].Detail}")
        .With("rejected", errors.Count)
        .With("errors", errors.Take(ListedErrors).ToArray());
}

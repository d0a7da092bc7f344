using System.Globalization;
using Lambda.Events;
using Lambda.Log;
using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Lambda.Serving.Ingest;
using Lambda.Serving.Reference;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Lambda.Serving.Api;

/// <summary>Records that were refused: lists them, shows their bytes, submits them again.</summary>
internal static class QuarantineEndpoints
{
    private const int UsualLimit = 100;
    private const int MaxLimit = 1_000;

    public static void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder quarantine = api.MapGroup("/quarantine").WithTags("Quarantine");
        quarantine.MapGet("", ListAsync)
            .WithSummary("Lists quarantined records")
            .WithDescription(
                "Records that could not be decoded or failed a check, newest first, with the beginning of their bytes. 'total' is how many the parameters find. To see all "
                + "of many, ask for one partition after the other: of a partition the highest offsets come first, and 'below' with the last offset of an answer gives the next.")
            .WithParameters(
                QueryParameters.Stream,
                QueryParameters.Reason,
                QueryParameters.Partition,
                QueryParameters.Below,
                QueryParameters.Limit)
            .ProducesProblem(400).ProducesProblem(404);
        quarantine.MapGet("/{stream}/{partition:int}/{offset:long}", ShowAsync)
            .WithSummary("Shows a quarantined record")
            .WithDescription("The record with its bytes: as text when they are valid UTF-8, as base64 otherwise.")
            .ProducesProblem(404);
        quarantine.MapPost("/{stream}/{partition:int}/{offset:long}/resubmit", ResubmitAsync)
            .WithSummary("Submits a quarantined record again")
            .WithDescription(
                "Appends the record to the log again, or the body of the request in its place, after judging it as an ingest request does. The quarantined "
                + "record stays where it is: the log does not forget. One that a check or an expression refused is an event all the same, so what takes its place "
                + "needs another event id or time: as a repetition it would not count.")
            .WithBody("A corrected record; without a body the quarantined one is taken.", ("application/json", """{"id": 1, "time": "2001-01-01T00:10:00Z"}"""))
            .Produces<IngestAnswer>(202)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413);
    }

    private static async Task<QuarantineAnswer> ListAsync(
        HttpRequest http, ViewRequestReader reader, IViewStore store, CancellationToken cancellationToken)
    {
        Parameters parameters = new(http.Query);
        StreamDefinition stream = reader.TakeStream(parameters);
        QuarantineFilter filter = TakeReasons(parameters) with { Within = TakeStretch(parameters), MaxBytes = RawText.PreviewRead };
        int limit = parameters.TakeNumber("limit", UsualLimit, 1, MaxLimit);
        parameters.MustBeEmpty("Parameters are: stream, reason, partition, below, limit.");
        QuarantinePage page = await store.ReadQuarantineAsync(stream.Name, filter, limit, cancellationToken).ConfigureAwait(false);
        return new QuarantineAnswer(stream.Name, page.Total, [
            .. page.Records.Select(record => new QuarantinedSummary(
                record.Stream,
                record.Partition,
                record.Offset,
                Instants.ToDateTimeOffset(record.AppendedAt),
                record.Reason,
                record.Detail,
                record.Value.Length + record.Unread,
                RawText.Preview(record.Value.Span))),
        ]);
    }

    private static async Task<QuarantinedAnswer> ShowAsync(
        string stream, int partition, long offset, ViewRequestReader reader, IViewStore store, CancellationToken cancellationToken)
    {
        QuarantinedRecord record = await FindAsync(reader.FindStream(stream), partition, offset, store, cancellationToken).ConfigureAwait(false);
        return new QuarantinedAnswer(
            record.Stream,
            record.Partition,
            record.Offset,
            Instants.ToDateTimeOffset(record.AppendedAt),
            record.Reason,
            record.Detail,
            RawText.Of(record.Key.Span),
            RawText.Of(record.Value.Span));
    }

    private static async Task<IResult> ResubmitAsync(
        string stream,
        int partition,
        long offset,
        HttpRequest http,
        ViewRequestReader reader,
        IViewStore store,
        IEventLog log,
        TimeProvider time,
        IOptions<ServingOptions> options,
        CancellationToken cancellationToken)
    {
        StreamDefinition definition = reader.FindStream(stream);
        QuarantinedRecord record = await FindAsync(definition, partition, offset, store, cancellationToken).ConfigureAwait(false);
        byte[] body = await BodyReader.ReadAsync(http, options.Value.MaxBodyBytes, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte> value = body.Length > 0 ? body : record.Value;
        RecordGate gate = new(definition, options.Value.MaxRecordBytes, time.Now());
        using RecordBatch batch = new();
        if (gate.Add(0, value.Span, batch) is { } error)
        {
            throw new RequestException(
                StatusCodes.Status400BadRequest,
                "The record was refused again.",
                $"{error.Detail} Send a corrected record as the body of the request.").With("reason", error.Reason);
        }

        // Records that could not be decoded are no events; what checks and expressions refuse are, and the first of a kind is the one that counts or does not.
        if (record.Reason is RejectReason.CheckFailed or RejectReason.ExpressionFailed && Repetition.Is(definition, value.Span, record.Value.Span, time.Now()))
        {
            throw new RequestException(
                StatusCodes.Status409Conflict,
                "The record would not count.",
                "It has the event id and the event time of the record that was refused, which stands before it in the log: the batch layer would drop it as a repetition of "
                + $"that. Send it as the body of the request with another '{definition.EventId!.JsonName}'. Where not the record was wrong but the check or the "
                + "expression, and that is mended, the next batch run counts the record as it is.");
        }

        await log.AppendAsync(definition.Name, batch, cancellationToken).ConfigureAwait(false);
        return Results.Json(new IngestAnswer(1, 0, []), statusCode: StatusCodes.Status202Accepted);
    }

    private static async ValueTask<QuarantinedRecord> FindAsync(
        StreamDefinition stream, int partition, long offset, IViewStore store, CancellationToken cancellationToken) =>
        await store.FindQuarantinedAsync(stream.Name, partition, offset, cancellationToken).ConfigureAwait(false)
        ?? throw RequestException.NotFound(
            $"No record of stream '{stream.Name}', partition {partition}, offset {offset} is in quarantine. GET /api/quarantine lists those that are.");

    private static QuarantineStretch? TakeStretch(Parameters parameters)
    {
        string? partition = parameters.Take("partition");
        string? below = parameters.Take("below");
        if (partition is null)
        {
            return below is null ? null : throw RequestException.BadParameter("below", "Parameter 'below' is an offset of a partition. Give 'partition' too.");
        }

        int number = int.TryParse(partition, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed)
            ? parsed
            : throw RequestException.BadParameter("partition", $"Parameter 'partition' cannot be '{Parameters.Shorten(partition)}'. Give the number of a partition.");
        return new QuarantineStretch(
            number,
            below is null ? long.MaxValue
            : long.TryParse(below, NumberStyles.None, CultureInfo.InvariantCulture, out long offset) ? offset
            : throw RequestException.BadParameter("below", $"Parameter 'below' cannot be '{Parameters.Shorten(below)}'. Give an offset."));
    }

    private static QuarantineFilter TakeReasons(Parameters parameters)
    {
        if (parameters.Take("reason") is not { } text)
        {
            return QuarantineFilter.Any;
        }

        string[] known = Enum.GetNames<RejectReason>();
        return new QuarantineFilter([
            .. text.Split(',', StringSplitOptions.TrimEntries).Select(word =>
                known.FirstOrDefault(name => name.Equals(word, StringComparison.OrdinalIgnoreCase)) is { } name
                    ? Enum.Parse<RejectReason>(name)
                    : throw RequestException.BadParameter(
                        "reason",
                        $"Parameter 'reason' cannot be '{Parameters.Shorten(word)}'. Give one or several of: {string.Join(", ", known.Select(WireNames.Camel))}.")),
        ]);
    }
}

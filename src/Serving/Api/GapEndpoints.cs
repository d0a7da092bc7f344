using Lambda.Log;
using Lambda.Serving.Answers;
using Lambda.Serving.Ingest;
using Lambda.Serving.Reference;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lambda.Serving.Api;

/// <summary>Lets a person say that a stream goes on without records that its log has lost.</summary>
internal static class GapEndpoints
{
    private const int MaxBodyBytes = 10_000;
    private const string Example = """{"partition": 0, "start": 5, "end": 10}""";
    private static readonly string[] Members = ["partition", "start", "end"];

    public static void Map(RouteGroupBuilder api) => api.MapGroup("/streams").WithTags("Streams")
        .MapPost("/{stream}/gaps", AcceptAsync)
        .WithSummary("Accepts a gap")
        .WithDescription(
            "Goes on without offsets that the log has lost before they were read. They are remembered for good, and shown wherever they matter. Offsets that the "
            + "log still has cannot be given up.")
        .WithBody("The partition and the offsets, from start to before end.", ("application/json", Example))
        .Produces<GapAnswer>(200)
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);

    private static async Task<GapAnswer> AcceptAsync(
        string stream,
        HttpRequest http,
        ViewRequestReader reader,
        IViewStore store,
        IEventLog log,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        StreamDefinition definition = reader.FindStream(stream);
        (int partition, OffsetRange offsets) = ReadGap(await BodyReader.ReadAsync(http, MaxBodyBytes, cancellationToken).ConfigureAwait(false));
        StreamStatus? status = await store.ReadStreamAsync(definition.Name, cancellationToken).ConfigureAwait(false);
        PartitionStatus known = status?.Partitions.FirstOrDefault(known => known.Partition == partition)
            ?? throw RequestException.NotFound($"The store does not know partition {partition} of stream '{definition.Name}'.");
        OffsetRange there = await log.GetOffsetsAsync(definition.Name, partition, cancellationToken).ConfigureAwait(false);
        if (offsets.Start < known.Start || offsets.End > there.Start)
        {
            throw new RequestException(
                StatusCodes.Status409Conflict,
                "The log has not lost these offsets.",
                $"Offsets {offsets} of partition {partition} of stream '{definition.Name}' are not all lost: the stream begins at {known.Start}, and the log has the "
                + $"records from {there.Start} on. Give offsets from {known.Start} to before {there.Start}.");
        }

        LogGap gap = new(definition.Name, partition, offsets, time.GetUtcNow());
        await store.AcceptGapAsync(gap, cancellationToken).ConfigureAwait(false);
        return new GapAnswer(partition, offsets.Start, offsets.End, gap.AcceptedAt);
    }

    private static (int Partition, OffsetRange Offsets) ReadGap(byte[] body)
    {
        (int partition, OffsetRange offsets) = BodyMembers.Read(
            body, Example, Members, members => (members.SmallNumber("partition"), new OffsetRange(members.Number("start"), members.Number("end"))));
        return !offsets.IsEmpty ? (partition, offsets) : throw new RequestException(
            StatusCodes.Status400BadRequest, "The gap is empty.", $"Offsets {offsets} are none. Give an end above the start.");
    }
}

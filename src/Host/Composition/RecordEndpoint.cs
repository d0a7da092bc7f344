using Lambda.Definition;
using Lambda.Events.Json;
using Lambda.Hosting.Ingest;
using Lambda.Hosting.Settings;
using Lambda.Log;
using Lambda.Serving.Api;
using Lambda.Serving.Security;
using Lambda.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lambda.Hosting.Composition;

/// <summary>
/// Takes lines into the log as they are, for commands of other processes: what they read from a file must end in the log or in quarantine, whether a
/// server runs or not. Applications use <c>/api/streams/{stream}/events</c>, which tells their bad events at once.
/// </summary>
internal static class RecordEndpoint
{
    /// <summary>The path for a stream.</summary>
    public static string Path(string stream) => $"internal/streams/{Uri.EscapeDataString(stream)}/records";

    public static void Map(WebApplication app, HostSettings settings) =>
        app.MapPost("/internal/streams/{stream}/records", async (string stream, HttpContext http, Catalog catalog, IEventLog log) =>
        {
            if (catalog.FindStream(stream) is not { } definition)
            {
                return Results.Problem($"There is no stream '{stream}'.", statusCode: StatusCodes.Status404NotFound);
            }

            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = null;
            }

            return Results.Ok(await AppendAsync(definition, http, log, settings.MaxRecordBytes).ConfigureAwait(false));
        }).Require(ApiRoles.Ingest).AddEndpointFilter<Problems>().ExcludeFromDescription();

    private static async Task<AppendedRecords> AppendAsync(StreamDefinition stream, HttpContext http, IEventLog log, int maxRecordBytes)
    {
        RecordKeyReader keys = new(stream.Schema, stream.PartitionKey);
        NdjsonFile lines = new(http.Request.Body, keys, LineOrigin.Program) { Name = "the request", MaxRecordBytes = maxRecordBytes };
        await using (lines.ConfigureAwait(false))
        {
            Ingestion ingestion = new(lines, new LogSink(log, stream.Name));
            IngestResult result = await ingestion.RunAsync(_ => { }, http.RequestAborted).ConfigureAwait(false);
            return new AppendedRecords(result.Appended, result.RefusedCount);
        }
    }
}

/// <summary>What came of sending records.</summary>
/// <param name="Appended">How many are durable.</param>
/// <param name="Refused">How many are too large.</param>
internal sealed record AppendedRecords(long Appended, long Refused);

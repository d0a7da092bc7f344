using System.Text.Json;
using Lambda.Serving.Answers;
using Lambda.Serving.Queries;
using Lambda.Views;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Lambda.Serving.Formats;

/// <summary>Sends the answer to a query of a view. Forms without an envelope carry its most important parts as headers.</summary>
internal sealed class ViewAnswerResult(ViewDefinition view, ViewAnswer answer, ResponseFormat format) : IResult
{
    private const int FlushAt = 1 << 15;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.Headers.Vary = "Accept";
        if (format == ResponseFormat.Json)
        {
            return response.WriteAsJsonAsync(answer, httpContext.RequestAborted);
        }

        response.Headers["Lambda-Layer"] = WireNames.Camel(answer.Layer.ToString());
        response.Headers["Lambda-Complete"] = answer.Completeness.Complete ? "true" : "false";
        response.Headers["Lambda-Truncated"] = answer.Truncated ? "true" : "false";
        if (answer.NextCursor is { } cursor)
        {
            response.Headers["Lambda-Next-Cursor"] = cursor;
        }

        if (answer.Generation is { } generation)
        {
            response.Headers["Lambda-Generation"] = generation.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (answer.Watermark is { } watermark)
        {
            response.Headers["Lambda-Watermark"] = Instants.ToText(watermark);
        }

        return format switch
        {
            ResponseFormat.Csv => WriteCsvAsync(response),
            ResponseFormat.Parquet => WriteParquetAsync(response),
            _ => WriteLinesAsync(httpContext),
        };
    }

    private async Task WriteLinesAsync(HttpContext context)
    {
        context.Response.ContentType = FormatChoice.Ndjson;
        JsonSerializerOptions options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        foreach (ViewRow row in answer.Rows)
        {
            await JsonSerializer.SerializeAsync(context.Response.BodyWriter, row, options, context.RequestAborted).ConfigureAwait(false);
            await context.Response.WriteAsync("\n", context.RequestAborted).ConfigureAwait(false);
        }
    }

    private async Task WriteCsvAsync(HttpResponse response)
    {
        response.ContentType = $"{FormatChoice.Csv}; charset=utf-8; header=present";
        CancellationToken cancellationToken = response.HttpContext.RequestAborted;
        CsvWriter csv = new();
        foreach (string column in CsvColumns.Of(view))
        {
            csv.Field(column);
        }

        csv.EndRecord();
        foreach (ViewRow row in answer.Rows)
        {
            WriteRow(csv, row);
            if (csv.Length > FlushAt)
            {
                await response.WriteAsync(csv.TakeText(), cancellationToken).ConfigureAwait(false);
            }
        }

        await response.WriteAsync(csv.TakeText(), cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteParquetAsync(HttpResponse response)
    {
        // Its footer says where in the file everything lies, which the body of a response does not know.
        using MemoryStream file = new();
        await ParquetRows.WriteAsync(view, answer, file, response.HttpContext.RequestAborted).ConfigureAwait(false);
        response.ContentType = FormatChoice.Parquet;
        response.ContentLength = file.Length;
        await response.Body.WriteAsync(file.GetBuffer().AsMemory(0, (int)file.Length), response.HttpContext.RequestAborted).ConfigureAwait(false);
    }

    private static void WriteRow(CsvWriter csv, ViewRow row)
    {
        foreach (object? part in row.Key.Values)
        {
            csv.Field(part);
        }

        csv.Field(row.WindowStart);
        csv.Field(row.WindowEnd);
        if (row.Position is { } position)
        {
            csv.Field(position.Partition);
            csv.Field(position.Offset);
        }

        foreach (object? value in row.Values.Values)
        {
            csv.Field(value);
        }

        csv.Field(WireNames.Camel(row.Status.ToString()));
        csv.Field(row.CorrectedBy);
        csv.Field(row.Provenance.BatchEvents);
        csv.Field(row.Provenance.SpeedEvents);
        csv.Field(row.Provenance.LateEvents);
        csv.EndRecord();
    }
}

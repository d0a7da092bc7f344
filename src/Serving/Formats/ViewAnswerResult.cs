using System.Text.Json;
using Lambda.Serving.Answers;
using Lambda.Serving.Requests;
using Lambda.Views;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Lambda.Serving.Formats;

/// <summary>Sends the answer to a query of a view. Forms without an envelope carry its most important parts as headers.</summary>
internal sealed class ViewAnswerResult : IResult
{
    private const int FlushAt = 1 << 15;

    private readonly ViewDefinition _view;
    private readonly ViewAnswer _answer;
    private readonly ResponseFormat _format;

    /// <summary>The whole answer as a Parquet file, when it is sent as one.</summary>
    private readonly ReadOnlyMemory<byte> _file;

    private ViewAnswerResult(ViewDefinition view, ViewAnswer answer, ResponseFormat format, ReadOnlyMemory<byte> file)
    {
        _view = view;
        _answer = answer;
        _format = format;
        _file = file;
    }

    /// <summary>Makes what is to be sent.</summary>
    /// <param name="view">The view whose rows the answer has.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="format">In which form.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="RequestException">The form has no room for a result.</exception>
    public static async Task<ViewAnswerResult> CreateAsync(ViewDefinition view, ViewAnswer answer, ResponseFormat format, CancellationToken cancellationToken)
    {
        if (format is ResponseFormat.Parquet or ResponseFormat.Arrow)
        {
            WideNumbers.MustFit(view, answer.Rows);
        }

        // The footer of a file says where in it everything lies, so it is there as a whole before any of it is sent.
        using MemoryStream file = new();
        if (format == ResponseFormat.Parquet)
        {
            await ParquetRows.WriteAsync(view, answer, file, cancellationToken).ConfigureAwait(false);
        }

        return new ViewAnswerResult(view, answer, format, file.GetBuffer().AsMemory(0, (int)file.Length));
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.Headers.Vary = "Accept";
        if (_format == ResponseFormat.Json)
        {
            return response.WriteAsJsonAsync(_answer, httpContext.RequestAborted);
        }

        response.Headers["Lambda-Layer"] = WireNames.Camel(_answer.Layer.ToString());
        response.Headers["Lambda-Complete"] = _answer.Completeness.Complete ? "true" : "false";
        response.Headers["Lambda-Truncated"] = _answer.Truncated ? "true" : "false";
        if (_answer.NextCursor is { } cursor)
        {
            response.Headers["Lambda-Next-Cursor"] = cursor;
        }

        if (_answer.Generation is { } generation)
        {
            response.Headers["Lambda-Generation"] = generation.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (_answer.Watermark is { } watermark)
        {
            response.Headers["Lambda-Watermark"] = Instants.ToText(watermark);
        }

        return _format switch
        {
            ResponseFormat.Csv => WriteCsvAsync(response),
            ResponseFormat.Parquet => WriteFileAsync(response),
            ResponseFormat.Arrow => WriteBatchesAsync(response),
            _ => WriteLinesAsync(httpContext),
        };
    }

    private async Task WriteLinesAsync(HttpContext context)
    {
        context.Response.ContentType = FormatChoice.Ndjson;
        JsonSerializerOptions options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        foreach (ViewRow row in _answer.Rows)
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
        foreach (string column in CsvColumns.Of(_view))
        {
            csv.Field(column);
        }

        csv.EndRecord();
        foreach (ViewRow row in _answer.Rows)
        {
            WriteRow(csv, row);
            if (csv.Length > FlushAt)
            {
                await response.WriteAsync(csv.TakeText(), cancellationToken).ConfigureAwait(false);
            }
        }

        await response.WriteAsync(csv.TakeText(), cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteFileAsync(HttpResponse response)
    {
        response.ContentType = FormatChoice.Parquet;
        response.ContentLength = _file.Length;
        await response.Body.WriteAsync(_file, response.HttpContext.RequestAborted).ConfigureAwait(false);
    }

    private async Task WriteBatchesAsync(HttpResponse response)
    {
        response.ContentType = FormatChoice.Arrow;
        CancellationToken cancellationToken = response.HttpContext.RequestAborted;
        BufferedStream body = new(response.Body, FlushAt);
        await using (body.ConfigureAwait(false))
        {
            await ArrowRows.WriteAsync(_view, _answer, body, cancellationToken).ConfigureAwait(false);
            await body.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
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

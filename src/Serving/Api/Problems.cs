using Lambda.Jobs;
using Lambda.Log;
using Lambda.Serving.Requests;
using Lambda.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Lambda.Serving.Api;

/// <summary>Turns what can go wrong while a request is answered into problem details (RFC 9457).</summary>
internal sealed partial class Problems(ILogger<Problems> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context).ConfigureAwait(false);
        }
        catch (RequestException problem)
        {
            return Results.Problem(problem.Message, statusCode: problem.Status, title: problem.Title, extensions: problem.Extensions);
        }
        catch (NoBatchLayerException problem)
        {
            return Results.Problem(problem.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The batch layer does not run here.");
        }
        catch (BadHttpRequestException problem)
        {
            return Results.Problem(problem.Message, statusCode: problem.StatusCode, title: "The request cannot be read.");
        }
        catch (ViewStoreException problem)
        {
            LogStoreFailed(problem, context.HttpContext.Request.Path);
            return Results.Problem(problem.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The store does not answer.");
        }
        catch (RecordTooLargeException problem)
        {
            // It will never be taken: who sends it again in the belief that the log is away would send it for ever.
            return Results.Problem(problem.Message, statusCode: StatusCodes.Status413PayloadTooLarge, title: "A record is larger than the log takes.");
        }
        catch (EventLogException problem) when (problem is OffsetBeyondEndException or LogReplacedException)
        {
            // The layer that stands still for it has logged it, once.
            return Results.Problem(problem.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The event log is not the one that was computed.");
        }
        catch (EventLogException problem)
        {
            LogLogFailed(problem, context.HttpContext.Request.Path);
            return Results.Problem(problem.Message, statusCode: StatusCodes.Status503ServiceUnavailable, title: "The event log does not answer.");
        }
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Error, Message = "The store failed while '{Path}' was answered.")]
    private partial void LogStoreFailed(Exception exception, PathString path);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Error, Message = "The event log failed while '{Path}' was answered.")]
    private partial void LogLogFailed(Exception exception, PathString path);
}

using Lambda.Capture.Sending;
using Microsoft.AspNetCore.Http;

namespace Lambda.Capture.Requests;

/// <summary>
/// Makes events of requests. What a request has to wait for is to be noted when it comes and when its handler has returned; the event is made when the response
/// is complete, and no I/O is done for it here.
/// </summary>
internal sealed class CaptureMiddleware(RequestDelegate next, EventCaptures captures)
{
    private readonly CapturePipeline[] _pipelines = [.. captures.Pipelines];

    public Task InvokeAsync(HttpContext http)
    {
        foreach (CapturePipeline pipeline in _pipelines)
        {
            if (pipeline.Filter.MayMatch(http.Request.Method, http.Request.Path))
            {
                return http.Features.Get<InFlight>() is null ? HandleAsync(http) : next(http);
            }
        }

        return next(http);
    }

    private async Task HandleAsync(HttpContext http)
    {
        InFlight inFlight = new(new CapturedRequest(http, captures.Time), _pipelines);
        http.Features.Set(inFlight);
        try
        {
            await next(http).ConfigureAwait(false);
        }
        catch (Exception failure) when (inFlight.Note(failure))
        {
            throw;
        }

        inFlight.Note(null);
    }

    /// <summary>A request on its way. The request knows it, as it comes again when it failed and another page is to answer it: that is no request of a client.</summary>
    private sealed class InFlight(CapturedRequest request, CapturePipeline[] pipelines)
    {
        private static readonly Func<object, Task> Complete = static state => ((InFlight)state).CompleteAsync();

        /// <summary>
        /// Takes note of the outcome, and has the event made when the response is complete. To ask for that only now has it run first, while services of the
        /// request are still there.
        /// </summary>
        /// <returns>False, so that an exception goes on as if nobody had looked at it.</returns>
        public bool Note(Exception? failure)
        {
            request.TakeRoute(failure);
            request.Http.Response.OnCompleted(Complete, this);
            return false;
        }

        private Task CompleteAsync()
        {
            request.Complete();
            foreach (CapturePipeline pipeline in pipelines)
            {
                pipeline.Capture(request);
            }

            return Task.CompletedTask;
        }
    }
}

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Lambda.Hosting.Composition;

/// <summary>Gives requests that are being answered a while when the process is told to stop, and then breaks them off, so that none holds the stop up.</summary>
internal sealed class RequestsAtStop : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly RequestDelegate _next;
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenRegistration _stopping;

    public RequestsAtStop(RequestDelegate next, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        _next = next;
        _over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _stopping = lifetime.ApplicationStopping.Register(() => _over.CancelAfter(Grace));
    }

    public async Task InvokeAsync(HttpContext context)
    {
        using CancellationTokenRegistration over = _over.Token.UnsafeRegister(static request => ((HttpContext)request!).Abort(), context);
        await _next(context).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _over.Dispose();
    }
}

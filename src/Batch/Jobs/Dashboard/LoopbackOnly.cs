using System.Net;
using Hangfire.Dashboard;
using Microsoft.AspNetCore.Http;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>
/// Lets requests from this machine in and no others. The name that the browser asked for must be this machine's too, so that a page from elsewhere
/// cannot reach the dashboard through a name that was made to point here.
/// </summary>
internal sealed class LoopbackOnly : IDashboardAuthorizationFilter
{
    public bool Authorize(DashboardContext context) => IsAllowed(context.GetHttpContext());

    internal static bool IsAllowed(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) && IsLoopback(context.Request.Host.Host);

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}

using Hangfire;
using Hangfire.Dashboard;
using Lambda.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>The batch layer's own pages in Hangfire's dashboard.</summary>
internal static class BatchDashboard
{
    public const string StreamsPath = "/streams";
    public const string RunPath = "/streams/run/";

    private const string StreamGroup = "Stream";

    /// <summary>Hangfire keeps routes and menus per process, so they are registered once whatever the number of hosts in it.</summary>
    private static readonly Lazy<bool> Registration = new(() =>
    {
        DashboardRoutes.Routes.AddRazorPage(StreamsPath, _ => new StreamsPage());
        DashboardRoutes.Routes.AddCommand($"{RunPath}(?<{StreamGroup}>[A-Za-z0-9_-]+)", StartRun);
        NavigationMenu.Items.Insert(0, page => new MenuItem("Streams", page.Url.To(StreamsPath))
        {
            Active = page.RequestPath.StartsWith(StreamsPath, StringComparison.Ordinal),
        });
        return true;
    });

    public static DashboardOptions Options(DashboardAccess access) => new()
    {
        Authorization = access == DashboardAccess.Loopback ? [new LoopbackOnly()] : [],
        DashboardTitle = "Lambda batch layer",
        DisplayStorageConnectionString = false,
        AppPath = "/",
    };

    /// <summary>Adds the pages to the dashboard.</summary>
    public static void Register() => _ = Registration.Value;

    /// <summary>Hangfire's commands are synchronous; starting a run does not wait for it.</summary>
    private static bool StartRun(DashboardContext context)
    {
        IBatchRuns runs = context.GetHttpContext().RequestServices.GetRequiredService<IBatchRuns>();
        try
        {
            runs.StartAsync(context.UriMatch.Groups[StreamGroup].Value, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            return true;
        }
        catch (BatchException)
        {
            return false;
        }
    }
}

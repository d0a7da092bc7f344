using System.Globalization;
using Hangfire;
using Hangfire.Dashboard;
using Lambda.Definition;
using Lambda.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>The batch layer's own pages in Hangfire's dashboard, and what their buttons do.</summary>
internal static class BatchDashboard
{
    public const string StreamsPath = "/streams";

    private const string CommandPath = "/batch-commands/";
    private const string CancelPath = CommandPath + "cancel/";
    private const string RollBackPath = CommandPath + "generations/rollback/";
    private const string StreamGroup = "Stream";
    private const string RunGroup = "Run";
    private const string ReplayGroup = "Replay";
    private const string GenerationGroup = "Generation";
    private const string NamePattern = "[^/]+";

    /// <summary>Hangfire keeps routes and menus per process, so they are registered once whatever the number of hosts in it.</summary>
    private static readonly Lazy<bool> Registration = new(() =>
    {
        DashboardRoutes.Routes.AddRazorPage(StreamsPath, _ => new StreamsPage());
        DashboardRoutes.Routes.AddRazorPage(
            $"{StreamsPath}/(?<{StreamGroup}>{NamePattern})", match => new StreamPage(match.Groups[StreamGroup].Value));
        DashboardRoutes.Routes.AddRazorPage(
            $"{StreamsPath}/{NamePattern}/runs/(?<{RunGroup}>{NamePattern})", match => new RunPage(match.Groups[RunGroup].Value));
        foreach (StreamCommand command in Enum.GetValues<StreamCommand>())
        {
            DashboardRoutes.Routes.AddCommand(Command(command, $"(?<{StreamGroup}>{NamePattern})"), context => Do(command, context));
        }

        foreach (ReplayCommand command in Enum.GetValues<ReplayCommand>())
        {
            DashboardRoutes.Routes.AddCommand(
                $"{PathOf(command)}(?<{StreamGroup}>{NamePattern})/(?<{ReplayGroup}>[0-9]{{1,9}})", context => Do(command, context));
        }

        DashboardRoutes.Routes.AddCommand(
            $"{RollBackPath}(?<{StreamGroup}>{NamePattern})/(?<{GenerationGroup}>[0-9]{{1,18}})", RollBack);
        DashboardRoutes.Routes.AddCommand($"{CancelPath}(?<{RunGroup}>{NamePattern})", Cancel);
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

    /// <summary>Where a button posts to that asks for something to be done with a stream.</summary>
    public static string Command(StreamCommand command, string stream) => $"{CommandPath}{command.ToString().ToLowerInvariant()}/{stream}";

    /// <summary>Where a button posts to that asks for something to be done with a replay.</summary>
    public static string Command(ReplayCommand command, string stream, int replay) =>
        string.Create(CultureInfo.InvariantCulture, $"{PathOf(command)}{stream}/{replay}");

    /// <summary>Where a button posts to that has an earlier generation serve again.</summary>
    public static string RollBackCommand(string stream, long generation) => string.Create(CultureInfo.InvariantCulture, $"{RollBackPath}{stream}/{generation}");

    /// <summary>Where a button posts to that cancels a run.</summary>
    public static string CancelCommand(string runId) => CancelPath + runId;

    /// <summary>Hangfire's commands are synchronous; what is asked for is done by a job.</summary>
    private static bool Do(StreamCommand command, DashboardContext context)
    {
        IServiceProvider services = context.GetHttpContext().RequestServices;
        string wanted = context.UriMatch.Groups[StreamGroup].Value;
        if (services.GetRequiredService<Catalog>().FindStream(wanted)?.Name is not { } stream)
        {
            return false;
        }

        IBackgroundJobClientV2 jobs = services.GetRequiredService<IBackgroundJobClientV2>();
        switch (command)
        {
            case StreamCommand.Recompute:
                return Run(BatchRunOrder.Usual);
            case StreamCommand.RecomputeAll:
                return Run(new BatchRunOrder(RunScope.All, RunPurpose.Publish));
            case StreamCommand.Rehearse:
                return Run(new BatchRunOrder(RunScope.New, RunPurpose.Rehearse));
            case StreamCommand.Archive:
                jobs.Enqueue<ArchiveJob>(job => job.RunAsync(stream, CancellationToken.None));
                return true;
            case StreamCommand.Compact:
                jobs.Enqueue<CompactJob>(job => job.RunAsync(stream, CancellationToken.None));
                return true;
            case StreamCommand.Vacuum:
                jobs.Enqueue<VacuumJob>(job => job.RunAsync(stream, CancellationToken.None));
                return true;
            case StreamCommand.Replay:
                jobs.Enqueue<ReplayJob>(job => job.StartAsync(stream, CancellationToken.None));
                return true;
            case StreamCommand.Expire:
                jobs.Enqueue<ExpireJob>(job => job.RunAsync(stream, CancellationToken.None));
                return true;
            default:
                return false;
        }

        bool Run(BatchRunOrder order)
        {
            services.GetRequiredService<IBatchRuns>().StartAsync(stream, order, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            return true;
        }
    }

    private static string PathOf(ReplayCommand command) => $"{CommandPath}replays/{command.ToString().ToLowerInvariant()}/";

    private static bool Do(ReplayCommand command, DashboardContext context)
    {
        IServiceProvider services = context.GetHttpContext().RequestServices;
        if (services.GetRequiredService<Catalog>().FindStream(context.UriMatch.Groups[StreamGroup].Value)?.Name is not { } stream)
        {
            return false;
        }

        int replay = int.Parse(context.UriMatch.Groups[ReplayGroup].ValueSpan, CultureInfo.InvariantCulture);
        IBackgroundJobClientV2 jobs = services.GetRequiredService<IBackgroundJobClientV2>();
        _ = command == ReplayCommand.Promote
            ? jobs.Enqueue<ReplayJob>(job => job.PromoteAsync(stream, replay, CancellationToken.None))
            : jobs.Enqueue<ReplayJob>(job => job.DropAsync(stream, replay, CancellationToken.None));
        return true;
    }

    private static bool RollBack(DashboardContext context)
    {
        IServiceProvider services = context.GetHttpContext().RequestServices;
        if (services.GetRequiredService<Catalog>().FindStream(context.UriMatch.Groups[StreamGroup].Value)?.Name is not { } stream)
        {
            return false;
        }

        long generation = long.Parse(context.UriMatch.Groups[GenerationGroup].ValueSpan, CultureInfo.InvariantCulture);
        services.GetRequiredService<IBackgroundJobClientV2>().Enqueue<RollBackJob>(job => job.RunAsync(stream, generation, CancellationToken.None));
        return true;
    }

    private static bool Cancel(DashboardContext context) => context.GetHttpContext().RequestServices.GetRequiredService<IBatchRuns>()
        .Cancel(context.UriMatch.Groups[RunGroup].Value) is not null;
}

using Hangfire;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit;
using Lambda.Batch.Audit.Data;
using Lambda.Batch.Audit.Profile;
using Lambda.Batch.Deletion;
using Lambda.Batch.Health;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Jobs;
using Lambda.Batch.Jobs.Dashboard;
using Lambda.Batch.Jobs.Runs;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Parts;
using Lambda.Batch.Telemetry;
using Lambda.Definition;
using Lambda.Health;
using Lambda.Jobs;
using Lambda.Replays;
using Lambda.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch;

/// <summary>Adds the batch layer to a host.</summary>
internal static class BatchServices
{
    private const int MostJobsAtOnce = 16;

    /// <summary>Jobs are told to end at once. One that has not by then is left behind, as a crash would leave it: the host's stop must not wait for it.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How soon a job that somebody cancels learns of it.</summary>
    private static readonly TimeSpan CancellationCheckInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Adds <see cref="BatchRunner"/>, which does the work when it is called. Needs a Catalog, an IEventLog and an IViewStore in which the catalog's
    /// streams are registered.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">How the layer works.</param>
    /// <param name="historyFolder">Where histories are kept, a folder per stream; made when it is missing.</param>
    public static IServiceCollection AddBatchRunner(this IServiceCollection services, BatchOptions options, string historyFolder)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton(options);
        services.TryAddSingleton<IObjectStorage>(_ => new LocalObjectStorage(historyFolder));
        services.AddSingleton<BatchMetrics>();
        services.AddArchivedRecords();
        services.AddHistoryCheck();
        services.AddSingleton<StreamArchiver>();
        services.AddSingleton<LogTrimmer>();
        services.AddSingleton<IAuditCheck, ContinuityCheck>();
        services.AddSingleton<IAuditCheck, ConservationCheck>();
        services.AddSingleton<IAuditCheck, ExplanationCheck>();
        services.AddSingleton(provider => new CheckPlanner(
            provider.GetRequiredService<BatchStreams>().PinAsync, provider.GetRequiredService<IViewStore>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AuditEngines>();
        services.AddSingleton<IAuditCheck, DataChecks>();
        services.AddSingleton(provider => new Auditor([.. provider.GetServices<IAuditCheck>()], provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<HistoryMaintenance>();
        services.AddSingleton<IStreamProfiler, StreamProfiler>();
        services.AddSingleton<StreamPinning>();
        services.AddSingleton<HistoryComputer>();
        services.AddSingleton(provider => new ReferenceStates(provider.GetRequiredService<BatchStreams>().PinAsync));
        services.AddSingleton<RecomputeRun>();
        services.AddSingleton<DeletionRun>();
        services.AddSingleton<BatchRunner>();
        return services;
    }

    /// <summary>
    /// Adds <see cref="IArchivedRecords"/>, which replays read, in a process that sees the histories. Needs a Catalog, an IEventLog, an IViewStore and an
    /// IObjectStorage.
    /// </summary>
    public static IServiceCollection AddArchivedRecords(this IServiceCollection services)
    {
        services.AddSingleton<BatchStreams>();
        return services.AddSingleton<IArchivedRecords, ArchivedRecords>();
    }

    /// <summary>Adds <see cref="IHistoryCheck"/> in a process that is to see the histories. Needs an IViewStore and an IObjectStorage.</summary>
    public static IServiceCollection AddHistoryCheck(this IServiceCollection services) => services.AddSingleton<IHistoryCheck, HistoryCheck>();

    /// <summary>Adds the runner, the schedules and the server that works them off, and <see cref="IBatchRuns"/>. Needs what the runner needs.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">How the layer works.</param>
    /// <param name="historyFolder">Where histories are kept, a folder per stream; made when it is missing.</param>
    /// <param name="jobs">Where schedules and jobs are kept.</param>
    public static IServiceCollection AddBatchLayer(
        this IServiceCollection services, BatchOptions options, string historyFolder, JobStorageChoice jobs)
    {
        services.AddBatchJobs(options, historyFolder, jobs);

        // Checks and schedules first: the server must not start on a host whose options are wrong.
        services.AddHostedService<RetentionCheck>();
        services.AddHostedService<BatchSchedules>();
        services.AddHostedService<ScheduleWatch>();
        return services.AddJobServer();
    }

    /// <summary>The same for a process that does what it is asked for and nothing besides: without schedules, also those that streams have of their own.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">How the layer works.</param>
    /// <param name="historyFolder">Where histories are kept, a folder per stream; made when it is missing.</param>
    public static IServiceCollection AddBatchLayerOnDemand(this IServiceCollection services, BatchOptions options, string historyFolder) =>
        services.AddBatchJobs(options, historyFolder, JobStorageChoice.Memory).AddJobServer();

    private static IServiceCollection AddBatchJobs(this IServiceCollection services, BatchOptions options, string historyFolder, JobStorageChoice jobs)
    {
        services.AddBatchRunner(options, historyFolder);
        services.AddAntiforgery();
        services.AddSingleton<IHealthSource, BatchHealth>();
        services.AddJobStorage(jobs);
        services.AddSingleton<IBatchRuns>(provider => provider.GetRequiredService<HangfireRuns>());
        services.AddSingleton<RecomputeJob>();
        services.AddSingleton<ArchiveJob>();
        services.AddSingleton<ExpireJob>();
        services.AddSingleton<CompactJob>();
        services.AddSingleton<RollBackJob>();
        services.AddSingleton<VacuumJob>();
        services.TryAddSingleton<ReplayService>();
        return services.AddSingleton<ReplayJob>();
    }

    private static IServiceCollection AddJobServer(this IServiceCollection services) =>
        services.AddHangfireServer((provider, server) =>
        {
            // A stream's run may wait for its turn, and a compaction may take its time; its archiving must not wait with them.
            server.WorkerCount = Math.Min(MostJobsAtOnce, (3 * provider.GetRequiredService<Catalog>().Streams.Count) + 1);
            server.ServerName = "batch";

            server.ShutdownTimeout = ShutdownTimeout;
            server.CancellationCheckInterval = CancellationCheckInterval;
        });

    /// <summary>Has streams run at the start whose views have changed. Needs the batch layer, and goes behind it.</summary>
    public static IServiceCollection AddRunsOfChangedViews(this IServiceCollection services) => services.AddHostedService<ChangedViews>();

    /// <summary>
    /// Has runs with much to read computed in parts by all processes that call this. Needs the batch layer, with jobs that they share and an IObjectStorage that
    /// all of them see.
    /// </summary>
    public static IServiceCollection AddRunsInParts(this IServiceCollection services)
    {
        services.AddSingleton<IPartQueue, HangfirePartQueue>();
        services.AddSingleton<PartGatherer>();
        services.AddSingleton<PartWorker>();
        services.AddSingleton<PartJob>();
        services.AddHangfireServer((provider, server) =>
        {
            server.WorkerCount = provider.GetRequiredService<BatchOptions>().Workers;
            server.ServerName = "parts";
            server.Queues = [PartJob.Queue];
            server.ShutdownTimeout = ShutdownTimeout;
            server.CancellationCheckInterval = CancellationCheckInterval;

            // By what runs know that somebody is alive: several signs within PartWatch.Silence.
            server.HeartbeatInterval = TimeSpan.FromSeconds(2);
        });
        return services;
    }

    /// <summary>Adds <see cref="IBatchRuns"/> to a process without the batch layer, whose process it asks. Needs a Catalog.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="jobs">Where both processes keep jobs.</param>
    public static IServiceCollection AddBatchRequests(this IServiceCollection services, JobStorageChoice jobs)
    {
        services.AddJobStorage(jobs);
        services.AddSingleton<IBatchRuns>(provider => new SharedRuns(provider.GetRequiredService<HangfireRuns>));
        return services;
    }

    /// <summary>Maps Hangfire's dashboard at <c>/hangfire</c>, with pages of the batch layer's own.</summary>
    public static IEndpointConventionBuilder MapBatchDashboard(this IEndpointRouteBuilder endpoints, DashboardAccess access)
    {
        BatchDashboard.Register();
        return endpoints.MapHangfireDashboard("/hangfire", BatchDashboard.Options(access));
    }

    /// <summary>Adds what keeps jobs and runs. It is opened when it is first used.</summary>
    private static void AddJobStorage(this IServiceCollection services, JobStorageChoice jobs)
    {
        services.AddSingleton<StoredRuns>();
        services.AddSingleton<HangfireRuns>();

        // Hangfire would take the one that the process used last, which may be another host's. It logs by what the configuration says, which so comes first.
        services.AddSingleton(provider =>
        {
            provider.GetRequiredService<IGlobalConfiguration>();
            return jobs.Open();
        });
        services.AddHangfire((provider, configuration) => configuration
            .UseLogProvider(new HangfireLogs(provider.GetRequiredService<ILoggerFactory>()))
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings());
    }
}

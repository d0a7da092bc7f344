using System.Collections.Concurrent;
using Hangfire;
using Hangfire.Common;
using Hangfire.Server;
using Hangfire.States;
using Hangfire.Storage;
using Lambda.Batch.Jobs.Dashboard;
using Lambda.Log;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Tests.Support;

/// <summary>A web host with the batch layer over a platform, on a port of its own.</summary>
internal sealed class BatchHost : IAsyncDisposable
{
    /// <summary>Schedules that never come up during a test.</summary>
    public static readonly BatchOptions Quiet = Platform.Options with
    {
        RecomputeSchedule = "0 0 29 2 *",
        ArchiveSchedule = "0 0 29 2 *",
        ExpireSchedule = "0 0 29 2 *",
        CompactSchedule = "0 0 29 2 *",
        VacuumSchedule = "0 0 29 2 *",
    };

    private readonly WebApplication _app;

    private BatchHost(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<BatchHost> StartAsync(Platform platform, BatchOptions? options = null, Action<IServiceCollection>? more = null)
    {
        JobEnds.Register();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(platform.Catalog);
        builder.Services.AddSingleton<IEventLog>(platform.Log);
        builder.Services.AddSingleton(platform.Store);
        more?.Invoke(builder.Services);
        builder.Services.AddBatchLayer(options ?? Quiet, Path.Combine(platform.Folder, "history"), JobStorageChoice.Memory);
        WebApplication app = builder.Build();
        app.MapBatchDashboard(DashboardAccess.Loopback);
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new BatchHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}

/// <summary>Tells when Hangfire jobs end, and how, and when they are told to.</summary>
internal sealed class JobEnds : JobFilterAttribute, IApplyStateFilter, IServerFilter
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource<string>> Ends = new();
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Cancelled = new();
    private static readonly Lazy<bool> Registration = new(() =>
    {
        GlobalJobFilters.Filters.Add(new JobEnds());
        return true;
    });

    public static void Register() => _ = Registration.Value;

    /// <summary>The name of the state in which a job ends.</summary>
    public static Task<string> WaitAsync(string jobId) => End(jobId).Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    /// <summary>Ends when a job at work has been told to end, whether or not it heeds that.</summary>
    public static Task WaitUntilCancelledAsync(string jobId) =>
        Cancelled[jobId].Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    public void OnPerforming(PerformingContext context)
    {
        TaskCompletionSource cancelled = Cancelled[context.BackgroundJob.Id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        context.CancellationToken.ShutdownToken.Register(() => cancelled.TrySetResult());
    }

    public void OnPerformed(PerformedContext context)
    {
    }

    public void OnStateApplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
        if (context.NewState is SucceededState or FailedState or DeletedState)
        {
            End(context.BackgroundJob.Id).TrySetResult(context.NewState.Name);
        }
    }

    public void OnStateUnapplied(ApplyStateContext context, IWriteOnlyTransaction transaction)
    {
    }

    private static TaskCompletionSource<string> End(string jobId) =>
        Ends.GetOrAdd(jobId, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
}

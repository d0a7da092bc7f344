using Lambda.Batch;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Jobs.Dashboard;
using Lambda.Health;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;
using Lambda.Hosting.Telemetry;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Serving;
using Lambda.Serving.Security;
using Lambda.Speed;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Store.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Lambda.Hosting.Composition;

/// <summary>Puts the layers together over open storage: the only place that knows all of them.</summary>
internal static class WebComposition
{
    public static WebApplication Build(
        Application application, HostSettings settings, DataFolder? folder, Storage storage, InProcessTransport transport, PlatformRole role)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(
            new WebApplicationOptions { ApplicationName = application.Name, ContentRootPath = AppContext.BaseDirectory });
        AddServer(builder, application, settings, transport, role);
        AddLayers(builder.Services, application, settings, folder, storage, role);
        builder.AddTelemetry(application, role);
        IReadOnlyList<WebPart> parts = role == PlatformRole.Serve && settings.Layers.HasFlag(Layers.Serving) ? application.Web : [];
        foreach (WebPart part in parts)
        {
            part.AddServices(builder.Services);
        }

        WebApplication app = builder.Build();
        app.UseMiddleware<RequestsAtStop>();
        if (role == PlatformRole.Serve && !settings.Layers.HasFlag(Layers.Serving))
        {
            app.GuardRequests();
            if (settings.Layers.HasFlag(Layers.Batch))
            {
                app.MapBatchRequests();
            }
        }
        else
        {
            app.MapServingLayer();
            RecordEndpoint.Map(app, settings);
        }

        HistoryEndpoints.Map(app, settings.Batch);
        GenerationEndpoints.Map(app);
        SettingsEndpoint.Map(app, application);
        app.MapTelemetry(role);
        if (role == PlatformRole.Serve && settings.Layers.HasFlag(Layers.Batch))
        {
            bool isGuarded = settings.AllowsRemote || settings.ApiKeys.Count > 0;
            app.MapBatchDashboard(isGuarded ? DashboardAccess.Anyone : DashboardAccess.Loopback).Require(ApiRoles.Admin);
        }
        else
        {
            // Where the console's link leads.
            app.MapGet("/hangfire/{**page}", () => Results.Problem(
                "This process does not run the batch layer, whose dashboard this is. Open the same address of a process that does (--layers batch).",
                statusCode: StatusCodes.Status404NotFound)).Require(ApiRoles.Query).ExcludeFromDescription();
        }

        foreach (WebPart part in parts)
        {
            part.Map(app);
        }

        return app;
    }

    private static void AddServer(
        WebApplicationBuilder builder, Application application, HostSettings settings, InProcessTransport transport, PlatformRole role)
    {
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();

        // Nobody's end waits for another's: a process that is stopped hands its partitions over at once.
        builder.Services.Configure<HostOptions>(host => host.ServicesStopConcurrently = true);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // A cursor and a filter hold values of keys as they are, which may be long texts. 8 KiB by default.
            kestrel.Limits.MaxRequestLineSize = 64 << 10;
            kestrel.Listen(transport.EndPoint);
            if (role == PlatformRole.Serve)
            {
                Listen(kestrel, settings.Address);
            }
        });

        // Beside the server's own transport, which it leaves out when it finds another one before.
        builder.Services.AddSingleton<IConnectionListenerFactory>(transport);

        PlatformLogging.Configure(builder.Logging, application, role);
    }

    private static void Listen(KestrelServerOptions kestrel, ServerAddress address)
    {
        foreach (System.Net.IPAddress host in address.Hosts)
        {
            kestrel.Listen(host, address.Port);
        }
    }

    private static void AddLayers(
        IServiceCollection services, Application application, HostSettings settings, DataFolder? folder, Storage storage, PlatformRole role)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(application.Catalog);
        Layers layers = role.Computes() ? settings.Layers : Layers.None;
        if (layers.HasFlag(Layers.Speed))
        {
            services.AddSingleton<IEventLog>(provider => new ComputedLog(storage.Log, provider.GetRequiredService<SpeedMetrics>().Board));
        }
        else
        {
            services.AddSingleton(storage.Log);
        }

        services.AddSingleton(storage.Group);
        services.AddSingleton(storage.Store);
        services.AddSingleton<ISpeedStore>(storage.Store);
        services.AddSingleton<IBatchStore>(storage.Store);
        services.AddSingleton<IServingStore>(storage.Store);

        // The key ring is read and filled at the start whoever provides protection, so it is the ring that must not lie in the user's profile.
        services.AddDataProtection();
        services.Configure<KeyManagementOptions>(keys =>
        {
            keys.XmlRepository = new KeysInMemory();
            keys.XmlEncryptor = new NullXmlEncryptor();
        });
        services.AddServingLayer(serving =>
        {
            serving.MaxRecordBytes = settings.MaxRecordBytes;
            serving.MaxWindowParts = settings.MaxWindowParts;

            // There is no setting for it, and a request holds a record at least.
            serving.MaxBodyBytes = Math.Max(serving.MaxBodyBytes, settings.MaxRecordBytes);
            foreach (ApiKey key in settings.ApiKeys)
            {
                serving.Keys.Add(key);
            }

            foreach (string host in settings.AllowedHosts)
            {
                serving.AllowedHosts.Add(host);
            }
        });
        if (role == PlatformRole.Serve && settings.Layers.HasFlag(Layers.Serving))
        {
            services.AddAnswersHealth(settings.Layers == Layers.Serving ? HealthState.NotReady : HealthState.Degraded);
        }

        if (layers.HasFlag(Layers.Speed))
        {
            services.AddSpeedLayer(settings.Speed);
        }

        if (layers.HasFlag(Layers.Batch))
        {
            string history = folder?.History ?? throw new InvalidOperationException("The history is in the data folder, which was not opened.");
            if (settings.History is { } location)
            {
                services.AddSingleton(provider => location.Open(provider.GetRequiredService<TimeProvider>()));
            }

            AddBatchLayer(services, settings, history, role);
        }
        else
        {
            AddHistory(services, settings, folder);
            if (layers.HasFlag(Layers.Serving) && role == PlatformRole.Serve && settings.Postgres is { } postgres)
            {
                services.AddBatchRequests(JobsIn(postgres));
            }
            else
            {
                services.AddSingleton<IBatchRuns, NoBatchRuns>();
            }
        }
    }

    /// <summary>
    /// Replays read the history also in processes without the batch layer, where they see it; and where it should be but is not, or is another one, they tell.
    /// </summary>
    private static void AddHistory(IServiceCollection services, HostSettings settings, DataFolder? folder)
    {
        if (settings.History is { } location)
        {
            services.AddSingleton(provider => location.Open(provider.GetRequiredService<TimeProvider>()));
            services.AddArchivedRecords();
            services.AddHistoryCheck();
        }
        else if (folder is not null)
        {
            services.AddSingleton<IObjectStorage>(_ => new LocalObjectStorage(folder.History));
            services.AddHistoryCheck();
            if (Directory.Exists(folder.History) && Directory.EnumerateFileSystemEntries(folder.History).Any())
            {
                services.AddArchivedRecords();
            }
        }
    }

    /// <summary>
    /// The batch layer. Only a process that serves keeps its schedule and runs with the other processes: what one does for a command is that command's alone.
    /// </summary>
    private static void AddBatchLayer(IServiceCollection services, HostSettings settings, string history, PlatformRole role)
    {
        if (role == PlatformRole.Serve)
        {
            JobStorageChoice jobs = settings.Postgres is { } postgres ? JobsIn(postgres) : JobStorageChoice.Memory;
            services.AddBatchLayer(settings.Batch, history, jobs);
            services.AddRunsOfChangedViews();

            // A history in the data folder is this process's alone, and so is everything over a log or store there.
            if (settings.IsShared && settings.History is not null)
            {
                services.AddRunsInParts();
            }
        }
        else
        {
            services.AddBatchLayerOnDemand(settings.Batch, history);
        }
    }

    private static JobStorageChoice JobsIn(PostgresStoreOptions postgres) => JobStorageChoice.Postgres(postgres.ConnectionString, $"{postgres.Schema}_jobs");
}

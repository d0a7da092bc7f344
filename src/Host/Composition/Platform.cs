using System.Net;
using Lambda.Batch;
using Lambda.Batch.History;
using Lambda.Definition;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;
using Lambda.Hosting.Telemetry;
using Lambda.Log;
using Lambda.Serving.Security;
using Lambda.Speed.Telemetry;
using Lambda.Store;
using Lambda.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lambda.Hosting.Composition;

/// <summary>The layers that run in this process, over open storage.</summary>
internal sealed class Platform : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly InProcessTransport _transport;
    private readonly Storage _storage;

    /// <summary>What storage says, which is opened before the server and its services are.</summary>
    private readonly ILoggerFactory _logging;

    private Platform(WebApplication web, InProcessTransport transport, Storage storage, ILoggerFactory logging, string? localKey)
    {
        LocalKey = localKey;
        _logging = logging;
        _web = web;
        _transport = transport;
        _storage = storage;
    }

    /// <summary>A key with which commands of this machine may do everything, as long as this process lives; null when the server asks for none.</summary>
    public string? LocalKey { get; }

    /// <summary>The event log.</summary>
    public IEventLog Log => _storage.Log;

    /// <summary>The store.</summary>
    public IViewStore Store => _storage.Store;

    /// <summary>How many partitions the log has, by stream.</summary>
    public IReadOnlyDictionary<string, int> Partitions => _storage.Partitions;

    /// <summary>The partitions that this process computes, and how it gets on with each; null when it runs no speed layer.</summary>
    public PartitionBoard? Computed => _web.Services.GetService<SpeedMetrics>()?.Board;

    /// <summary>Completes when the platform stops by itself.</summary>
    public CancellationToken Stopping => _web.Lifetime.ApplicationStopping;

    /// <summary>Where other processes of this machine reach the server; null when it does not listen.</summary>
    public Uri? Address => _web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses
        .Select(address => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) ? uri : null)
        .Where(uri => uri is { Port: > 0, HostNameType: UriHostNameType.IPv4 or UriHostNameType.IPv6 } or { Port: > 0, IsLoopback: true })
        .Select(uri => IPAddress.TryParse(uri!.DnsSafeHost, out IPAddress? host) && (host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any))
            ? new UriBuilder(uri) { Host = "127.0.0.1" }.Uri
            : uri)
        .FirstOrDefault();

    /// <summary>Starts the platform.</summary>
    /// <exception cref="CommandException">The server cannot listen at its address.</exception>
    /// <exception cref="EventLogException">The log cannot be opened.</exception>
    /// <exception cref="ViewStoreException">The store cannot be opened.</exception>
    /// <exception cref="HistoryException">The history cannot be opened, or an event type no longer fits it.</exception>
    /// <param name="application">What was declared.</param>
    /// <param name="settings">The settings, which say what layers run.</param>
    /// <param name="folder">The data folder; null where <see cref="DataFolder.IsNeeded"/> says that none is needed.</param>
    /// <param name="role">What for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Platform> StartAsync(
        Application application, HostSettings settings, DataFolder? folder, PlatformRole role, CancellationToken cancellationToken)
    {
        if (role == PlatformRole.Serve)
        {
            NativeAllocator.GiveBack();
        }

        if (role.Computes())
        {
            // Whichever layers run, and those of one command, which keep no schedule.
            CheckBatch(application.Catalog, settings.Batch);
        }

        string? localKey = null;
        if (settings.ApiKeys.Count > 0)
        {
            (ApiKey local, localKey) = ApiKey.Generate("of this machine", ApiRoles.Admin);
            settings = settings with { ApiKeys = [.. settings.ApiKeys, local] };
        }

        ILoggerFactory logging = LoggerFactory.Create(builder => PlatformLogging.Configure(builder, application, role));
        Storage storage;
        try
        {
            storage = await Storage.OpenAsync(application.Catalog, settings, folder, role, logging, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            logging.Dispose();
            throw;
        }

        InProcessTransport transport = new();
        WebApplication? web = null;
        try
        {
            web = WebComposition.Build(application, settings, folder, storage, transport, role);
            if (role.Computes() && settings.Layers.HasFlag(Layers.Batch))
            {
                await OpenHistoryAsync(web.Services, application.Catalog, cancellationToken).ConfigureAwait(false);
            }

            // A layer that is cancelled while it starts would count as one that failed.
            await web.StartAsync(CancellationToken.None).ConfigureAwait(false);
            return new Platform(web, transport, storage, logging, localKey);
        }
        catch (Exception error)
        {
            if (web is not null)
            {
                // What has started before the part that failed would go on with log and store when they are closed, and complain.
                await web.StopAsync(CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await web.DisposeAsync().ConfigureAwait(false);
            }

            await storage.DisposeAsync().ConfigureAwait(false);
            logging.Dispose();
            if (error is IOException { InnerException: AddressInUseException } or System.Net.Sockets.SocketException)
            {
                throw CannotListen(settings.Address, error);
            }

            if (error is ArgumentException)
            {
                // What a layer finds wrong with its options when it starts.
                throw new CommandException(error.Message, ExitCodes.WrongUsage, error);
            }

            throw;
        }
    }

    /// <summary>A client of the API of this process.</summary>
    public HttpClient CreateClient() => _transport.CreateClient();

    /// <summary>Stops all layers; what was acknowledged is committed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await TelemetryExport.FlushAsync(_web.Services).ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
        await _storage.DisposeAsync().ConfigureAwait(false);
        _logging.Dispose();
    }

    /// <summary>
    /// Holds the event types against the history before any event is taken: an event type that does not fit would have its events refused one by
    /// one, and nobody told until the next batch run.
    /// </summary>
    private static async Task OpenHistoryAsync(IServiceProvider services, Catalog catalog, CancellationToken cancellationToken)
    {
        BatchStreams streams = services.GetRequiredService<BatchStreams>();
        foreach (StreamDefinition stream in catalog.Streams)
        {
            await streams.OpenAsync(stream.Name, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void CheckBatch(Catalog catalog, BatchOptions options)
    {
        try
        {
            BatchDemands.Check(catalog, options);
        }
        catch (ArgumentException error)
        {
            throw new CommandException(error.Message, ExitCodes.WrongUsage, error);
        }
    }

    private static CommandException CannotListen(ServerAddress address, Exception error) => new(
        error is System.Net.Sockets.SocketException
            ? $"The server cannot listen at port {address.Port}: {error.Message}. Choose another, such as --urls http://127.0.0.1:8081."
            : $"Port {address.Port} is in use by another process. Stop it, or choose another port, such as --urls http://127.0.0.1:"
                + $"{(address.Port < ushort.MaxValue ? address.Port + 1 : 0)}; port 0 lets the system choose one.",
        ExitCodes.Failed,
        error);
}

using Lambda.Definition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Log.Kafka;
using Lambda.Log.Kafka.Groups;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Store.Postgres;
using Lambda.Store.Postgres.Seats;
using Microsoft.Extensions.Logging;

namespace Lambda.Hosting.Composition;

/// <summary>The open log and store, each in the data folder or where the settings say, and the group of processes that work on the log.</summary>
internal sealed class Storage : IAsyncDisposable
{
    private Storage(IEventLog log, IPartitionGroup group, IViewStore store, IReadOnlyDictionary<string, int> partitions)
    {
        Log = log;
        Group = group;
        Store = store;
        Partitions = partitions;
    }

    public IEventLog Log { get; }

    /// <summary>Spreads the log's partitions over the processes that compute them.</summary>
    public IPartitionGroup Group { get; }

    public IViewStore Store { get; }

    /// <summary>How many partitions the log has, by stream.</summary>
    public IReadOnlyDictionary<string, int> Partitions { get; }

    /// <summary>Opens both and makes the streams known.</summary>
    /// <param name="catalog">The streams.</param>
    /// <param name="settings">Where log and store are.</param>
    /// <param name="folder">The data folder; null when neither is in it.</param>
    /// <param name="role">What for. To read shared ones, streams have to be known.</param>
    /// <param name="logging">Gets what log and group have to say.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Storage> OpenAsync(
        Catalog catalog, HostSettings settings, DataFolder? folder, PlatformRole role, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        Task<IEventLog> opensLog = Task.Run(() => OpenLog(settings, folder, logging), CancellationToken.None);
        Task<IViewStore> opensStore = Task.Run(() => OpenStoreAsync(settings, folder, cancellationToken), CancellationToken.None);
        try
        {
            await Task.WhenAll(opensLog, opensStore).ConfigureAwait(false);
            IEventLog log = await opensLog.ConfigureAwait(false);
            IViewStore store = await opensStore.ConfigureAwait(false);
            StreamRegistry registry = new(log, store);
            IReadOnlyDictionary<string, int> partitions = await (role == PlatformRole.Read && settings.IsShared
                ? registry.FindAsync(catalog, cancellationToken)
                : registry.RegisterAsync(catalog, cancellationToken)).ConfigureAwait(false);
            return new Storage(log, OpenGroup(settings, log, logging), store, partitions);
        }
        catch
        {
            // One may be open although the other is not.
            if (opensLog.IsCompletedSuccessfully)
            {
                await (await opensLog.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }

            if (opensStore.IsCompletedSuccessfully)
            {
                await (await opensStore.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Group.DisposeAsync().ConfigureAwait(false);
        await Store.DisposeAsync().ConfigureAwait(false);
        await Log.DisposeAsync().ConfigureAwait(false);
    }

    private static IEventLog OpenLog(HostSettings settings, DataFolder? folder, ILoggerFactory logging) => settings.Kafka is { } kafka
        ? KafkaLog.Open(kafka, TimeProvider.System, logging.CreateLogger<KafkaLog>())
        : EmbeddedLog.Open(new EmbeddedLogOptions { Folder = Of(folder).Log, MaxRecordBytes = settings.MaxRecordBytes }, TimeProvider.System);

    private static async Task<IViewStore> OpenStoreAsync(HostSettings settings, DataFolder? folder, CancellationToken cancellationToken) =>
        settings.Postgres is { } postgres
            ? await PostgresViewStore.OpenAsync(postgres, TimeProvider.System, cancellationToken).ConfigureAwait(false)
            : await EmbeddedViewStore.OpenAsync(
                new EmbeddedStoreOptions { Folder = Of(folder).Store, MemoryLimitMegabytes = settings.StoreMemoryMegabytes },
                TimeProvider.System,
                cancellationToken).ConfigureAwait(false);

    /// <summary>With a log or store of its own a process has all partitions: others of a group would have their results elsewhere.</summary>
    private static IPartitionGroup OpenGroup(HostSettings settings, IEventLog log, ILoggerFactory logging) => settings.IsShared
        ? new KafkaPartitionGroup(
            settings.Kafka!,
            TimeProvider.System,
            logging.CreateLogger<KafkaPartitionGroup>(),
            new PostgresSeats(settings.Postgres!, TimeProvider.System, logging.CreateLogger<PostgresSeats>()))
        : new SoleMemberGroup(log, TimeProvider.System);

    private static DataFolder Of(DataFolder? folder) =>
        folder ?? throw new InvalidOperationException("An embedded log or store is in the data folder, which was not opened.");
}

using Lambda.Definition;
using Lambda.Hosting.Commands;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Store;
using Lambda.Store.Embedded;

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
    /// <param name="access">Whether the streams are registered or only looked up.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Storage> OpenAsync(
        Catalog catalog, HostSettings settings, DataFolder? folder, StreamAccess access, CancellationToken cancellationToken)
    {
        if (settings.Kafka is not null || settings.Postgres is not null)
        {
            throw new CommandException("This build has no adapters for Kafka and PostgreSQL. Leave their settings out.", ExitCodes.WrongUsage);
        }

        Task<IEventLog> opensLog = Task.Run<IEventLog>(() => OpenEmbeddedLog(settings, Of(folder)), CancellationToken.None);
        Task<IViewStore> opensStore = Task.Run(() => OpenStoreAsync(settings, folder, cancellationToken), CancellationToken.None);
        try
        {
            await Task.WhenAll(opensLog, opensStore).ConfigureAwait(false);
            IEventLog log = await opensLog.ConfigureAwait(false);
            IViewStore store = await opensStore.ConfigureAwait(false);
            StreamRegistry registry = new(log, store);
            return new Storage(
                log, new SoleMemberGroup(log), store, await registry.OpenAsync(catalog, access, cancellationToken).ConfigureAwait(false));
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

    private static EmbeddedLog OpenEmbeddedLog(HostSettings settings, DataFolder folder) => EmbeddedLog.Open(
        new EmbeddedLogOptions { Folder = folder.Log, MaxRecordBytes = settings.MaxRecordBytes }, TimeProvider.System);

    private static async Task<IViewStore> OpenStoreAsync(HostSettings settings, DataFolder? folder, CancellationToken cancellationToken) =>
        await EmbeddedViewStore.OpenAsync(
            new EmbeddedStoreOptions { Folder = Of(folder).Store, MemoryLimitMegabytes = settings.StoreMemoryMegabytes },
            TimeProvider.System,
            cancellationToken).ConfigureAwait(false);

    private static DataFolder Of(DataFolder? folder) =>
        folder ?? throw new InvalidOperationException("An embedded log or store is in the data folder, which was not opened.");
}

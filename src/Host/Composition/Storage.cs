using Lambda.Definition;
using Lambda.Hosting.Data;
using Lambda.Hosting.Settings;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Views;

namespace Lambda.Hosting.Composition;

/// <summary>The open log and store, with all streams registered in both.</summary>
internal sealed class Storage : IAsyncDisposable
{
    private Storage(IEventLog log, IViewStore store, IReadOnlyDictionary<string, int> partitions)
    {
        Log = log;
        Store = store;
        Partitions = partitions;
    }

    public IEventLog Log { get; }

    public IViewStore Store { get; }

    /// <summary>How many partitions the log has, by stream.</summary>
    public IReadOnlyDictionary<string, int> Partitions { get; }

    public static async Task<Storage> OpenAsync(Catalog catalog, HostSettings settings, DataFolder folder, CancellationToken cancellationToken)
    {
        EmbeddedLogOptions logOptions = new() { Folder = folder.Log, MaxRecordBytes = settings.MaxRecordBytes };
        EmbeddedStoreOptions storeOptions = new() { Folder = folder.Store, MemoryLimitMegabytes = settings.StoreMemoryMegabytes };
        Task<EmbeddedLog> opensLog = Task.Run(() => EmbeddedLog.Open(logOptions, TimeProvider.System), CancellationToken.None);
        Task<EmbeddedViewStore> opensStore = Task.Run(
            () => EmbeddedViewStore.OpenAsync(storeOptions, TimeProvider.System, CancellationToken.None), CancellationToken.None);
        try
        {
            await Task.WhenAll(opensLog, opensStore).ConfigureAwait(false);
            IEventLog log = await opensLog.ConfigureAwait(false);
            IViewStore store = await opensStore.ConfigureAwait(false);
            return new Storage(log, store, await RegisterAsync(catalog, log, store, cancellationToken).ConfigureAwait(false));
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
        await Store.DisposeAsync().ConfigureAwait(false);
        await Log.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<IReadOnlyDictionary<string, int>> RegisterAsync(
        Catalog catalog, IEventLog log, IViewStore store, CancellationToken cancellationToken)
    {
        Dictionary<string, int> partitions = [];
        foreach (StreamDefinition stream in catalog.Streams)
        {
            int count = await log.EnsureStreamAsync(stream.Name, stream.Partitions, cancellationToken).ConfigureAwait(false);
            StreamRegistration registration = new(stream.Name, count, [.. stream.Views.Select(view => view.Layout)]);
            await store.RegisterAsync(registration, cancellationToken).ConfigureAwait(false);
            partitions.Add(stream.Name, count);
        }

        return partitions;
    }
}

using Lambda.Definition;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Hosting.Composition;

/// <summary>What a process may do about streams that log or store do not know.</summary>
internal enum StreamAccess
{
    /// <summary>Make them known, as they are declared.</summary>
    Register,

    /// <summary>
    /// Leave them: other processes work on the same store, perhaps by another version of the declarations, and one that only asks must not change theirs.
    /// </summary>
    LookUp,
}

/// <summary>Makes the declared streams known to log and store.</summary>
internal sealed class StreamRegistry(IEventLog log, IViewStore store)
{
    /// <returns>The number of partitions by stream.</returns>
    public async Task<IReadOnlyDictionary<string, int>> OpenAsync(Catalog catalog, StreamAccess access, CancellationToken cancellationToken)
    {
        Dictionary<string, int> partitions = [];
        foreach (StreamDefinition stream in catalog.Streams)
        {
            partitions.Add(stream.Name, await OpenAsync(stream, access, cancellationToken).ConfigureAwait(false));
        }

        return partitions;
    }

    private async Task<int> OpenAsync(StreamDefinition stream, StreamAccess access, CancellationToken cancellationToken)
    {
        StreamStatus? known = await store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false);
        if (access == StreamAccess.LookUp && known is null)
        {
            return stream.Partitions;
        }

        int partitions = await log.EnsureStreamAsync(stream.Name, stream.Partitions, cancellationToken).ConfigureAwait(false);
        if (access == StreamAccess.Register)
        {
            StreamRegistration registration = new(stream.Name, partitions, [.. stream.Views.Select(view => view.Layout)])
            {
                Starts = known is null ? await FindStartsAsync(stream.Name, partitions, cancellationToken).ConfigureAwait(false) : null,
            };
            await store.RegisterAsync(registration, cancellationToken).ConfigureAwait(false);
        }

        return partitions;
    }

    /// <summary>Where the log begins now. What it had before was never this application's to read.</summary>
    private async Task<Boundary> FindStartsAsync(string stream, int partitions, CancellationToken cancellationToken)
    {
        long[] starts = new long[partitions];
        for (int partition = 0; partition < partitions; partition++)
        {
            OffsetRange offsets = await log.GetOffsetsAsync(stream, partition, cancellationToken).ConfigureAwait(false);
            starts[partition] = offsets.Start;
        }

        return new Boundary(starts);
    }
}

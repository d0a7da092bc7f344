using Lambda.Definition;
using Lambda.Hosting.Commands;
using Lambda.Log;
using Lambda.Log.Embedded;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Hosting.Composition;

/// <summary>Makes the declared streams known to log and store, or looks which are.</summary>
internal sealed class StreamRegistry(IEventLog log, IViewStore store)
{
    /// <summary>Makes what is not there.</summary>
    /// <returns>The number of partitions by stream.</returns>
    public async Task<IReadOnlyDictionary<string, int>> RegisterAsync(Catalog catalog, CancellationToken cancellationToken)
    {
        Dictionary<string, int> partitions = [];
        foreach (StreamDefinition stream in catalog.Streams)
        {
            partitions.Add(stream.Name, await RegisterAsync(stream, cancellationToken).ConfigureAwait(false));
        }

        return partitions;
    }

    /// <summary>Changes nothing. Streams that the store does not know are left out.</summary>
    /// <returns>The number of partitions by stream.</returns>
    /// <exception cref="CommandException">The store knows none of them.</exception>
    public async Task<IReadOnlyDictionary<string, int>> FindAsync(Catalog catalog, CancellationToken cancellationToken)
    {
        Dictionary<string, int> partitions = [];
        foreach (StreamDefinition stream in catalog.Streams)
        {
            if (await store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false) is { } known)
            {
                partitions.Add(stream.Name, known.Partitions.Count);
            }
        }

        return partitions.Count > 0 || catalog.Streams.Count == 0 ? partitions : throw new CommandException(
            $"There is nothing to read yet: the store does not know {string.Join(", ", catalog.Streams.Select(stream => $"stream '{stream.Name}'"))}. Begin with "
            + "'run' or 'ingest', or check that log and store are the ones that are meant.");
    }

    private async Task<int> RegisterAsync(StreamDefinition stream, CancellationToken cancellationToken)
    {
        int partitions = await log.EnsureStreamAsync(stream.Name, stream.Partitions, cancellationToken).ConfigureAwait(false);
        bool isNew = await store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false) is null;
        StreamRegistration registration = new(stream.Name, partitions, [.. stream.Views.Select(view => view.Layout)])
        {
            Log = (log as EmbeddedLog)?.Identity,
            Starts = isNew ? await FindStartsAsync(stream.Name, partitions, cancellationToken).ConfigureAwait(false) : null,
        };
        await store.RegisterAsync(registration, cancellationToken).ConfigureAwait(false);
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

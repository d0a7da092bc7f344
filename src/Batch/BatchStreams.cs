using System.Collections.Concurrent;
using Lambda.Batch.Archive;
using Lambda.Batch.Audit.Data;
using Lambda.Batch.History.Storage;
using Lambda.Definition;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Plans;

namespace Lambda.Batch;

/// <summary>The streams of an application, each opened when it is first asked for.</summary>
internal sealed class BatchStreams(Catalog catalog, IEventLog log, IViewStore store, IObjectStorage storage, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, BatchStream> _opened = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _opening = new(1, 1);

    /// <summary>The names of all streams.</summary>
    public IEnumerable<string> Names => catalog.Streams.Select(stream => stream.Name);

    /// <summary>Opens a stream.</summary>
    /// <exception cref="BatchException">There is no stream of that name.</exception>
    /// <exception cref="DefinitionException">One of its checks is wrong.</exception>
    public async Task<BatchStream> OpenAsync(string name, CancellationToken cancellationToken)
    {
        StreamDefinition definition = catalog.FindStream(name)
            ?? throw new BatchException($"There is no stream '{name}'. The streams are: {string.Join(", ", Names)}.");
        if (_opened.TryGetValue(definition.Name, out BatchStream? opened))
        {
            return opened;
        }

        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_opened.TryGetValue(definition.Name, out opened))
            {
                await CheckTrial.RunAsync(definition, cancellationToken).ConfigureAwait(false);
                int partitions = await log.EnsureStreamAsync(definition.Name, definition.Partitions, cancellationToken).ConfigureAwait(false);
                StreamStatus? status = await store.ReadStreamAsync(definition.Name, cancellationToken).ConfigureAwait(false);
                HistoryArchive archive = await HistoryArchive.OpenAsync(
                    storage, definition, status?.Starts ?? Boundary.Zero(partitions), time, cancellationToken).ConfigureAwait(false);
                opened = new BatchStream(new StreamPlan(definition), partitions, archive);
                _opened[definition.Name] = opened;
            }

            return opened;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>The archive of a stream as it is now.</summary>
    /// <exception cref="BatchException">There is no stream of that name.</exception>
    public async Task<IArchiveSnapshot> PinAsync(string name, CancellationToken cancellationToken)
    {
        BatchStream stream = await OpenAsync(name, cancellationToken).ConfigureAwait(false);
        return await stream.Archive.PinAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (BatchStream stream in _opened.Values)
        {
            stream.Dispose();
        }

        _opening.Dispose();
    }
}

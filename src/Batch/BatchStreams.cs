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

    // Streams as they were with fewer partitions: whoever has begun with them ends with them.
    private readonly ConcurrentBag<BatchStream> _outgrown = [];
    private readonly SemaphoreSlim _opening = new(1, 1);

    /// <summary>The names of all streams.</summary>
    public IEnumerable<string> Names => catalog.Streams.Select(stream => stream.Name);

    /// <summary>Opens a stream.</summary>
    /// <exception cref="BatchException">There is no stream of that name, or its history is another one than that of the results which are served.</exception>
    /// <exception cref="DefinitionException">One of its checks is wrong.</exception>
    public async Task<BatchStream> OpenAsync(string name, CancellationToken cancellationToken)
    {
        StreamDefinition definition = catalog.FindStream(name)
            ?? throw new BatchException($"There is no stream '{name}'. The streams are: {string.Join(", ", Names)}.");
        StreamStatus? status = await store.ReadStreamAsync(definition.Name, cancellationToken).ConfigureAwait(false);
        if (FindOpened(definition, status) is { } opened)
        {
            return opened;
        }

        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (FindOpened(definition, status) is { } other)
            {
                return other;
            }

            await CheckTrial.RunAsync(definition, cancellationToken).ConfigureAwait(false);
            int there = await log.EnsureStreamAsync(definition.Name, definition.Partitions, cancellationToken).ConfigureAwait(false);
            Boundary starts = status?.Starts ?? Boundary.Zero(there);
            if (status is not null)
            {
                await HistoryIdentity.RequireAsync(store, storage, status, time, cancellationToken).ConfigureAwait(false);
            }

            HistoryArchive archive = await HistoryArchive.OpenAsync(storage, definition, starts, time, cancellationToken).ConfigureAwait(false);
            if (_opened.TryGetValue(definition.Name, out BatchStream? before))
            {
                _outgrown.Add(before);
            }

            return _opened[definition.Name] = new BatchStream(new StreamPlan(definition), starts.Partitions, archive);
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
        foreach (BatchStream stream in _opened.Values.Concat(_outgrown))
        {
            stream.Dispose();
        }

        _opening.Dispose();
    }

    /// <summary>The stream as it was opened, unless the store has come to know further partitions since.</summary>
    private BatchStream? FindOpened(StreamDefinition definition, StreamStatus? status) =>
        _opened.GetValueOrDefault(definition.Name) is { } opened && opened.Partitions >= (status?.Partitions.Count ?? 0) ? opened : null;
}

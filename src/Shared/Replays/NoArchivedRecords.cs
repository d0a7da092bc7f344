using Lambda.Log;
using Lambda.Store;

namespace Lambda.Replays;

/// <summary>The past of streams in a process that sees no history: there is none, and everything is read from the log.</summary>
internal sealed class NoArchivedRecords(IViewStore store) : IArchivedRecords
{
    /// <inheritdoc/>
    /// <exception cref="ViewStoreException">
    /// The store does not know the stream; or the batch layer has published results of it, so that there is a history.
    /// </exception>
    public async ValueTask<Boundary> FindEndAsync(string stream, CancellationToken cancellationToken)
    {
        StreamStatus status = await store.ReadStreamAsync(stream, cancellationToken).ConfigureAwait(false)
            ?? throw new ViewStoreException($"The store does not know stream '{stream}'.");
        return status.CurrentGeneration is null
            ? status.Starts
            : throw new ViewStoreException(
                $"The batch layer has published results of stream '{stream}', so it has a history, but this process does not see it. Replay where the history is to be "
                + "seen: in the process that runs the batch layer, or in any with a history in object storage (the setting History).");
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(
        string stream, int partition, long from, long to, RecordBatch destination, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("There is no history to read from.");
}

using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>
/// Holds a stream's history against the one that the results in the store were computed from. A log that still has all records would fill any other one from the
/// beginning, with what was deleted from the first.
/// </summary>
internal static class HistoryIdentity
{
    /// <summary>Refuses a history that is not there or is another one than that of the generation which is served.</summary>
    /// <param name="store">Where results are.</param>
    /// <param name="storage">Where the history lies.</param>
    /// <param name="stream">The stream, as the store knows it.</param>
    /// <param name="time">Of no effect, as nothing is written.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BatchException">It is not there, or another one.</exception>
    /// <exception cref="HistoryException">It is damaged.</exception>
    public static async Task RequireAsync(
        IBatchStore store, IObjectStorage storage, StreamStatus stream, TimeProvider time, CancellationToken cancellationToken)
    {
        if (stream.CurrentGeneration is not { } served
            || (await store.ReadBasisAsync(stream.Stream, served.Generation, cancellationToken).ConfigureAwait(false))?.HistoryId is not { } expected)
        {
            return;
        }

        DeltaLog table = new(storage, HistoryLayout.EventsOf(stream.Stream), time);
        string? found = (await table.FindLatestAsync(cancellationToken).ConfigureAwait(false))?.Metadata.Id;
        if (found == expected)
        {
            return;
        }

        string there = found is null ? "There is none" : $"Another one, {found}, lies";
        throw new BatchException(
            $"Stream '{stream.Stream}': generation {served.Generation}, which is served, was computed from the history {expected}. {there} at '{table.Name}'. Check the "
            + $"setting History, or restore the history from a copy. If it was given up or replaced on purpose, run 'history adopt --stream {stream.Stream}': "
            + "everything is then computed anew from what is there and from the log. Events that were deleted from the old one have to be deleted again.");
    }

    /// <summary>
    /// Takes whichever history there is, and none as well, for the stream's from now on: the next run computes everything from it. Waits for its turn while a run holds
    /// the stream.
    /// </summary>
    public static async Task ForgetAsync(IBatchStore store, string stream, BatchOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        await using LeaseKeeper lease = await LeaseKeeper.AcquireAsync(store, time, stream, options, cancellationToken).ConfigureAwait(false);
        await store.ForgetBasesAsync(lease.Lease, cancellationToken).ConfigureAwait(false);
    }
}

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
    /// <summary>
    /// Says of a history that is not there, or is another one than that of the generation which is served, what is wrong and what to do; null when it is that one.
    /// </summary>
    /// <param name="store">Where results are.</param>
    /// <param name="storage">Where the history lies.</param>
    /// <param name="stream">The stream, as the store knows it.</param>
    /// <param name="time">Of no effect, as nothing is written.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HistoryException">It is damaged.</exception>
    public static async Task<string?> FindProblemAsync(
        IBatchStore store, IObjectStorage storage, StreamStatus stream, TimeProvider time, CancellationToken cancellationToken)
    {
        if (stream.CurrentGeneration is not { } served
            || (await store.ReadBasisAsync(stream.Stream, served.Generation, cancellationToken).ConfigureAwait(false))?.HistoryId is not { } expected)
        {
            return null;
        }

        DeltaLog table = new(storage, HistoryLayout.EventsOf(stream.Stream), time);
        string? found = (await table.FindLatestAsync(cancellationToken).ConfigureAwait(false))?.Metadata.Id;
        if (found == expected)
        {
            return null;
        }

        string there = found is null ? "There is none" : $"Another one, {found}, lies";
        return Problem(stream.Stream, served, expected, $"{there} at '{table.Name}'. Check the setting History");
    }

    /// <summary>Refuses a history that is not there or is another one than that of the generation which is served.</summary>
    /// <inheritdoc cref="FindProblemAsync"/>
    /// <exception cref="BatchException">It is not there, or another one.</exception>
    public static async Task RequireAsync(
        IBatchStore store, IObjectStorage storage, StreamStatus stream, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await FindProblemAsync(store, storage, stream, time, cancellationToken).ConfigureAwait(false) is { } problem)
        {
            throw new BatchException(problem);
        }
    }

    /// <summary>Refuses a history that another one has overtaken since it was opened: a process elsewhere has one of its own, and has published from that.</summary>
    /// <exception cref="BatchException">It is another one than that of the generation which is served.</exception>
    public static void RequireServed(string stream, GenerationInfo? served, GenerationBasis? basis, IArchiveSnapshot archive)
    {
        if (served is not null && basis?.HistoryId is { } expected && expected != archive.Id)
        {
            throw new BatchException(Problem(
                stream,
                served,
                expected,
                $"This process archives to another one, {archive.Id}. All processes with the batch layer have to share one: check that the setting History is the same for all"));
        }
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

    private static string Problem(string stream, GenerationInfo served, string expected, string found) =>
        $"Stream '{stream}': generation {served.Generation}, which is served, was computed from the history {expected}. {found}, or restore the history from a copy. If it was given up or replaced "
        + $"on purpose, run 'history adopt --stream {stream}': everything is then computed anew from what is there and from the log. Events that were deleted from the old one have to be deleted "
        + "again.";
}

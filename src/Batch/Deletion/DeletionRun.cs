using Lambda.Batch.Audit.Data;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Telemetry;
using Lambda.Log;
using Lambda.Store;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Deletion;

/// <summary>
/// Deletes events from a stream's history: all that match a condition and lie below the boundary that a recompute would have. The stream's lease is held
/// meanwhile, so that no generation is computed from half of it; the next run computes everything anew without them.
/// </summary>
internal sealed class DeletionRun(
    IViewStore store,
    StreamPinning pinning,
    IObjectStorage storage,
    AuditEngines engines,
    BatchOptions options,
    TimeProvider time,
    ILogger<DeletionRun> logger)
{
    /// <summary>Deletes, or counts. Waits for its turn while a run holds the stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="condition">The condition in the SQL of DuckDB, over the columns of the history's files.</param>
    /// <param name="mode">Whether to delete or only to count.</param>
    /// <param name="cancellationToken">Ends the work between two dates; what was deleted is deleted.</param>
    /// <exception cref="BatchException">The condition is wrong, or another run took over.</exception>
    /// <exception cref="History.HistoryException">
    /// A file is missing, damaged or of another program's making. Nothing is deleted then, unless the file has become so since it was looked at.
    /// </exception>
    public async Task<DeletionResult> RunAsync(BatchStream stream, string condition, DeletionMode mode, CancellationToken cancellationToken)
    {
        await using LeaseKeeper lease = await LeaseKeeper.AcquireAsync(store, time, stream.Name, options, cancellationToken).ConfigureAwait(false);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
        try
        {
            return await RunAsync(stream, condition, mode, lease.Lease, stop.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (
            error is FencedException || (error is OperationCanceledException && lease.Lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested))
        {
            throw new BatchException(
                $"Stream '{stream.Name}': another run took over, and not all that matches may be deleted. Delete again.", lease.Reason ?? error);
        }
    }

    private async Task<DeletionResult> RunAsync(
        BatchStream stream, string condition, DeletionMode mode, BatchLease lease, CancellationToken cancellationToken)
    {
        PinnedStream pinned = await pinning.PinAsync(stream, new Progress<RunProgress>(), cancellationToken).ConfigureAwait(false);
        IReadOnlyDictionary<DateOnly, IReadOnlySet<LogPosition>> events = await MatchingEvents
            .FindAsync(engines, stream.Definition, pinned.Archive, pinned.Boundary, condition, cancellationToken).ConfigureAwait(false);
        DeletionResult result = new(
            stream.Name, mode, events.ToDictionary(date => date.Key, date => (long)date.Value.Count), Files: 0, Quarantined: 0, pinned.Boundary);
        if (mode == DeletionMode.DryRun || events.Count == 0)
        {
            return result;
        }

        IReadOnlyList<GenerationInfo> generations = await store.ReadGenerationsAsync(stream.Name, int.MaxValue, cancellationToken).ConfigureAwait(false);
        EventDeleter deleter = new(
            storage, stream.Definition, pinned.Boundary, generations.Select(generation => generation.HistoryVersion).DefaultIfEmpty().Max(), time);
        await deleter.RequireDeletableAsync(events, cancellationToken).ConfigureAwait(false);

        // What they were goes first, so that no offset is ever missing without a trace. If this ends in between, it is done again.
        LogPosition[] positions = [.. events.Values.SelectMany(date => date)];
        await DeletionTable.AppendAsync(storage, stream.Name, positions, time, cancellationToken).ConfigureAwait(false);

        // While they can still be found again: once their files are without them, a second attempt would not know whose records to forget.
        result = result with { Quarantined = await store.ForgetQuarantinedAsync(lease, positions, cancellationToken).ConfigureAwait(false) };
        foreach ((DateOnly date, IReadOnlySet<LogPosition> deleted) in events)
        {
            result = result with { Files = result.Files + await deleter.DeleteAsync(date, deleted, cancellationToken).ConfigureAwait(false) };
        }

        BatchLog.Deleted(logger, stream.Name, positions.Length, events.Count, result.Files);
        return result;
    }
}

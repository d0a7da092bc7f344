using Lambda.Batch.Archive;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute.Parts;
using Lambda.Batch.Telemetry;
using Lambda.Store;
using Lambda.Views;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.History.Maintenance;

/// <summary>Looks after the tables of streams: their events, their quarantine, their voids and their deletions.</summary>
/// <remarks>Needs no lease: whatever others do to the tables at the same time, a commit of theirs or of this wins whole.</remarks>
internal sealed class HistoryMaintenance(
    IObjectStorage storage, IViewStore store, TimeProvider time, BatchOptions options, ILogger<HistoryMaintenance> logger)
{
    /// <summary>Puts small files together, group by group in turn with archiving.</summary>
    public async Task<IReadOnlyList<CompactionResult>> CompactAsync(BatchStream stream, CancellationToken cancellationToken)
    {
        List<CompactionResult> results = [];
        foreach (TableShape shape in TableShape.Of(stream.Definition))
        {
            TableCompactor compactor = new(storage, shape, options.HistoryFileBytes, stream.WritingTurn, time);
            CompactionResult result = await compactor.RunAsync(cancellationToken).ConfigureAwait(false);
            results.Add(result);
            if (result.Removed > 0)
            {
                BatchLog.Compacted(logger, stream.Name, result.Table, result.Removed, result.Added);
            }

            foreach (string file in result.Left)
            {
                BatchLog.NotCompacted(logger, stream.Name, result.Table, file);
            }
        }

        return results;
    }

    /// <summary>Deletes what no version needs that has to stay readable.</summary>
    public async Task<IReadOnlyList<VacuumResult>> VacuumAsync(StreamDefinition stream, VacuumMode mode, CancellationToken cancellationToken)
    {
        // Before anything is listed: a generation that is begun later has pinned a version that is younger than any retention.
        IReadOnlyCollection<long> kept = await KeptVersionsAsync(stream.Name, cancellationToken).ConfigureAwait(false);
        List<VacuumResult> results = [];
        foreach (TableShape shape in TableShape.Of(stream))
        {
            // Generations note the version of the events; the other tables are read at their newest, which holds all rows of older ones.
            IReadOnlyCollection<long> pinned = shape == TableShape.EventsOf(stream) ? kept : [];
            VacuumResult result = await new TableVacuum(storage, shape, time).RunAsync(options.HistoryRetention, pinned, mode, cancellationToken)
                .ConfigureAwait(false);
            results.Add(result);
            if (mode == VacuumMode.Delete && (result.Files.Count > 0 || result.LogFiles > 0))
            {
                BatchLog.Vacuumed(logger, stream.Name, result.Table, result.Files.Count, result.Bytes, result.LogFiles);
            }
        }

        return await VacuumRunsAsync(stream.Name, mode, cancellationToken).ConfigureAwait(false) is { } runs ? [.. results, runs] : results;
    }

    /// <summary>What the tables consist of; the other tables as they are now.</summary>
    public async Task<HistoryDescription> DescribeAsync(StreamDefinition stream, HistoryPoint point, CancellationToken cancellationToken)
    {
        List<TableDescription> tables = [];
        foreach (TableShape shape in TableShape.Of(stream))
        {
            LogListing listing = await LogListing.ReadAsync(storage, shape.Folder, cancellationToken).ConfigureAwait(false);
            if (listing.Latest is null && shape.Rows == RowMeaning.OffsetRange)
            {
                // Nothing was ever deleted.
                continue;
            }

            HistoryPoint of = shape == TableShape.EventsOf(stream) ? point : HistoryPoint.Now;
            DeltaSnapshot snapshot = await new DeltaLog(storage, shape.Folder, time).ReadAsync(of, cancellationToken).ConfigureAwait(false);
            long oldest = listing.Oldest ?? snapshot.Version;
            tables.Add(new TableDescription(
                shape.Name,
                snapshot.Table,
                snapshot.Version,
                snapshot.Timestamp is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
                snapshot.FileCount,
                shape.FilesOf(snapshot).Sum(file => file.Rows ?? 0),
                snapshot.Files.Sum(file => file.Size),
                oldest,
                await VersionTimes.ReadAsync(storage, shape.Folder, listing, oldest, cancellationToken).ConfigureAwait(false)));
        }

        return new HistoryDescription(stream.Name, tables);
    }

    /// <summary>Reads all rows and holds them against what the logs tell, and the history against the one that what is served was computed from.</summary>
    public async Task<VerifyResult> VerifyAsync(StreamDefinition stream, int partitions, HistoryPoint point, CancellationToken cancellationToken)
    {
        AcceptedGaps gaps = await AcceptedGaps.ReadAsync(store, stream.Name, cancellationToken).ConfigureAwait(false);
        VerifyResult result = await new HistoryVerifier(storage, stream, partitions, gaps, time).RunAsync(point, cancellationToken).ConfigureAwait(false);
        return await store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false) is { } status
            && await HistoryIdentity.FindProblemAsync(store, storage, status, time, cancellationToken).ConfigureAwait(false) is { } problem
                ? result with { Problems = [.. result.Problems, new VerifyProblem(TableShape.EventsOf(stream).Name, null, problem) { TellsRemedy = true }] }
                : result;
    }

    /// <summary>Deletes what runs have left that crashed while their parts were computed; null when there is nothing.</summary>
    private async Task<VacuumResult?> VacuumRunsAsync(string stream, VacuumMode mode, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredObject> left = await RunFolder.FindOlderAsync(storage, stream, time.GetUtcNow() - options.HistoryRetention, cancellationToken)
            .ConfigureAwait(false);
        if (left.Count == 0)
        {
            return null;
        }

        VacuumResult result = new("runs", mode, [.. left.Select(file => storage.Describe(file.Name))], left.Sum(file => file.Size), 0, 0);
        if (mode == VacuumMode.Delete)
        {
            foreach (StoredObject file in left)
            {
                await storage.DeleteAsync(file.Name, cancellationToken).ConfigureAwait(false);
            }

            BatchLog.Vacuumed(logger, stream, result.Table, left.Count, result.Bytes, 0);
        }

        return result;
    }

    /// <summary>The versions that generations were computed from which are served, may be compared or rolled back to, or are being computed.</summary>
    private async Task<IReadOnlyCollection<long>> KeptVersionsAsync(string stream, CancellationToken cancellationToken)
    {
        IReadOnlyList<GenerationInfo> generations = await store.ReadGenerationsAsync(stream, int.MaxValue, cancellationToken).ConfigureAwait(false);
        return [.. generations.Where(generation => generation.State != GenerationState.Rejected).Select(generation => generation.HistoryVersion).Distinct()];
    }
}

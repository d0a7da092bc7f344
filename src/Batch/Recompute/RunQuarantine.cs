using System.Runtime.CompilerServices;
using Lambda.Batch.Archive;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Quarantines what a run has refused: together with the generation, but for records that are more than a publication should hold, which are written before it. In a stream whose times
/// are of another unit, all of them may be.
/// </summary>
/// <remarks>
/// That is done when the audit has passed. Of a run that dies in between, such records are there that the next one would have put there too, and finds.
/// </remarks>
internal sealed class RunQuarantine(IBatchStore store, IEventLog log)
{
    private const int MostRecords = 10_000;
    private const long MostBytes = 8 << 20;

    /// <summary>Writes all records to the store but the last ones.</summary>
    /// <returns>Those, to be published with the generation.</returns>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public async Task<IReadOnlyList<QuarantinedRecord>> WriteMostAsync(PinnedRun run, ComputedGeneration generation, CancellationToken cancellationToken)
    {
        List<QuarantinedRecord> records = [];
        long bytes = 0;
        await foreach (QuarantinedRecord record in ReadAsync(run, generation, cancellationToken).ConfigureAwait(false))
        {
            if (records.Count >= MostRecords || bytes >= MostBytes)
            {
                await store.QuarantineAsync(run.Lease, records, cancellationToken).ConfigureAwait(false);
                records.Clear();
                bytes = 0;
            }

            records.Add(record);
            bytes += record.Key.Length + record.Value.Length;
        }

        return records;
    }

    private async IAsyncEnumerable<QuarantinedRecord> ReadAsync(
        PinnedRun run, ComputedGeneration generation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (IArchiveSnapshot archive, SpeedCoverage speed, _, Boundary boundary) = run.Pinned;

        // The speed layer has quarantined what its views refused among the events that it computed with them.
        IReadOnlyList<RefusedRow> rows = [.. generation.Computation.Refused.Concat(generation.Range?.Computation.Refused ?? []).Where(row =>
            row.By == RefusedBy.Check || !speed.HasJudged(row.Position))];
        RefusedRecords refused = new(log, run.Stream.Definition);
        await foreach (QuarantinedRecord record in refused.FindAsync(rows, archive, boundary, cancellationToken).ConfigureAwait(false))
        {
            yield return record;
        }

        // Undecodable ones that the speed layer has not come to.
        Boundary from = new(Enumerable.Range(0, boundary.Partitions).Select(
            partition => Math.Max(speed.NextOffset(partition), generation.Computation.From?[partition] ?? 0)));
        await foreach (QuarantinedRecord record in archive.ReadQuarantineAsync(from, boundary, cancellationToken).ConfigureAwait(false))
        {
            yield return record;
        }
    }
}

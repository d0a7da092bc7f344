using System.Collections.Concurrent;
using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Recompute;

/// <summary>What was computed from an archive below a boundary.</summary>
/// <param name="Partials">Of all views and kinds.</param>
/// <param name="Rows">How many events were read.</param>
/// <param name="Repetitions">Events removed as repetitions.</param>
/// <param name="Refused">Events refused by row checks or expressions.</param>
/// <param name="Coverage">Which offsets are accounted for.</param>
internal sealed record Computation(
    PartialsByKind Partials, long Rows, IReadOnlyList<LogPosition> Repetitions, IReadOnlyList<RefusedRow> Refused, OffsetCoverage Coverage)
{
    /// <summary>Computes all dates of an archive, several at a time.</summary>
    /// <param name="plan">The stream.</param>
    /// <param name="archive">What is read.</param>
    /// <param name="boundary">Only events below it count.</param>
    /// <param name="options">How many dates are computed at once, and how much memory they may take.</param>
    /// <param name="progress">Told the share of dates that are done.</param>
    /// <param name="cancellationToken">Ends the work between two batches.</param>
    /// <exception cref="BatchException">The partials take more memory than they may.</exception>
    public static async Task<Computation> RunAsync(
        StreamPlan plan, IArchiveSnapshot archive, Boundary boundary, BatchOptions options, IProgress<double> progress, CancellationToken cancellationToken)
    {
        OffsetCoverage coverage = new(archive.Start, boundary);
        ConcurrentQueue<DateOnly> dates = new(archive.Dates);
        int total = dates.Count;
        int done = 0;
        using CancellationTokenSource failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        int workers = Math.Clamp(total, 1, options.Workers);
        DateWorker[] all =
            [.. Enumerable.Range(0, workers).Select(_ => new DateWorker(plan, archive, boundary, coverage, options.MaxPartialBytes / workers))];
        await Task.WhenAll(all.Select(worker => Task.Run(() => WorkAsync(worker), CancellationToken.None))).ConfigureAwait(false);
        await foreach (LogPosition position in archive.ReadQuarantinedPositionsAsync(boundary, cancellationToken).ConfigureAwait(false))
        {
            coverage.Mark(position.Partition, position.Offset);
        }

        await foreach (LogVoid found in archive.ReadVoidsAsync(boundary, cancellationToken).ConfigureAwait(false))
        {
            coverage.MarkVoid(found.Partition, found.Offsets);
        }

        return new Computation(
            Merge(plan, all),
            all.Sum(worker => worker.Rows),
            [.. all.SelectMany(worker => worker.Repetitions)],
            [.. all.SelectMany(worker => worker.Refused).OrderBy(row => row.Position.Partition).ThenBy(row => row.Position.Offset)],
            coverage);

        async Task WorkAsync(DateWorker worker)
        {
            try
            {
                while (dates.TryDequeue(out DateOnly date))
                {
                    await worker.ProcessAsync(date, failed.Token).ConfigureAwait(false);
                    progress.Report((double)Interlocked.Increment(ref done) / total);
                }
            }
            catch
            {
                // The others need not go on for nothing.
                await failed.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    private static PartialsByKind Merge(StreamPlan plan, DateWorker[] workers)
    {
        if (workers.Length == 1)
        {
            return workers[0].Partials;
        }

        PartialsByKind merged = new(plan, new StringDictionary());
        foreach (DateWorker worker in workers)
        {
            merged.Merge(worker.Partials);
        }

        return merged;
    }
}

using System.Collections.Concurrent;
using Lambda.Batch.Archive;
using Lambda.Batch.History;
using Lambda.Batch.History.Files;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Recompute;

/// <summary>What was computed from an archive below a boundary.</summary>
/// <param name="Partials">Of all views and kinds.</param>
/// <param name="From">Where the events begin that were read; null when all were.</param>
/// <param name="RowsByDate">By date, how many events were read.</param>
/// <param name="Undecodable">How many undecodable records lie below the boundary.</param>
/// <param name="UndecodableBefore">How many of these lie before the events that were read.</param>
/// <param name="Overtaken">How many events before those that were read do not count any more because of these.</param>
/// <param name="Repetitions">Events removed as repetitions.</param>
/// <param name="Refused">Events refused by row checks or expressions.</param>
/// <param name="Coverage">Which offsets are accounted for.</param>
internal sealed record Computation(
    PartialsByKind Partials,
    Boundary? From,
    IReadOnlyDictionary<DateOnly, long> RowsByDate,
    long Undecodable,
    long UndecodableBefore,
    long Overtaken,
    IReadOnlyList<LogPosition> Repetitions,
    IReadOnlyList<RefusedRow> Refused,
    OffsetCoverage Coverage)
{
    /// <summary>How many events were read.</summary>
    public long Rows => RowsByDate.Values.Sum();

    /// <summary>Where the events stand that were read and count in nothing.</summary>
    public IEnumerable<LogPosition> Removed => Repetitions.Where(Coverage.Contains).Concat(Refused.Select(row => row.Position));

    /// <summary>Computes all dates of an archive, several at a time.</summary>
    /// <inheritdoc cref="RunAsync(StreamPlan, IArchiveSnapshot, ArchiveRange, BatchOptions, IProgress{double}, CancellationToken)"/>
    public static Task<Computation> RunAsync(
        StreamPlan plan, IArchiveSnapshot archive, Boundary boundary, BatchOptions options, IProgress<double> progress, CancellationToken cancellationToken) =>
        RunAsync(plan, archive, null, boundary, options, progress, cancellationToken);

    /// <summary>Computes the events of an archive from a boundary on, several dates at a time.</summary>
    /// <inheritdoc cref="RunAsync(StreamPlan, IArchiveSnapshot, ArchiveRange, BatchOptions, IProgress{double}, CancellationToken)"/>
    public static Task<Computation> RunAsync(
        StreamPlan plan,
        IArchiveSnapshot archive,
        Boundary? from,
        Boundary boundary,
        BatchOptions options,
        IProgress<double> progress,
        CancellationToken cancellationToken) =>
        RunAsync(plan, archive, new ArchiveRange(from, boundary), options, progress, cancellationToken);

    /// <summary>Computes a range of an archive, several dates at a time.</summary>
    /// <param name="plan">The stream.</param>
    /// <param name="archive">What is read.</param>
    /// <param name="range">Which of its events.</param>
    /// <param name="options">How many dates are computed at once, and how much memory they may take.</param>
    /// <param name="progress">Told the share of dates that are done.</param>
    /// <param name="cancellationToken">Ends the work between two batches.</param>
    /// <exception cref="BatchException">The partials take more memory than they may.</exception>
    public static async Task<Computation> RunAsync(
        StreamPlan plan,
        IArchiveSnapshot archive,
        ArchiveRange range,
        BatchOptions options,
        IProgress<double> progress,
        CancellationToken cancellationToken)
    {
        (Boundary? from, Boundary boundary, EventTimeRange times) = range;
        Boundary start = from ?? archive.Start;
        OffsetCoverage coverage = new(start, boundary);
        ConcurrentQueue<DateOnly> dates = new((from is null ? archive.Dates : archive.DatesFrom(from)).Where(date => EventDate.Overlaps(date, times)));
        int total = dates.Count;
        int done = 0;
        using CancellationTokenSource failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        int workers = Math.Clamp(total, 1, options.Workers);
        DateWorker[] all =
            [.. Enumerable.Range(0, workers).Select(_ => new DateWorker(plan, archive, range, coverage, options.MaxPartialBytes / workers))];
        await Task.WhenAll(all.Select(worker => Task.Run(() => WorkAsync(worker), CancellationToken.None))).ConfigureAwait(false);
        long undecodable = 0;
        long undecodableBefore = 0;
        await foreach (LogPosition position in archive.ReadQuarantinedPositionsAsync(boundary, cancellationToken).ConfigureAwait(false))
        {
            undecodable++;
            if (from is not null && position.Offset < from[position.Partition])
            {
                undecodableBefore++;
            }
            else
            {
                coverage.Mark(position.Partition, position.Offset);
            }
        }

        await foreach (LogVoid found in archive.ReadVoidsAsync(boundary, cancellationToken).ConfigureAwait(false))
        {
            coverage.MarkVoid(found.Partition, found.Offsets);
        }

        await foreach (LogVoid deleted in archive.ReadDeletionsAsync(boundary, cancellationToken).ConfigureAwait(false))
        {
            coverage.MarkVoid(deleted.Partition, deleted.Offsets);
        }

        return new Computation(
            Merge(all),
            from,
            all.SelectMany(worker => worker.Rows).ToDictionary(),
            undecodable,
            undecodableBefore,
            all.Sum(worker => worker.Overtaken),
            [.. all.SelectMany(worker => worker.Repetitions)],
            [.. all.SelectMany(worker => worker.Refused).OrderBy(row => row.Position.Partition).ThenBy(row => row.Position.Offset)],
            coverage);

        async Task WorkAsync(DateWorker worker)
        {
            using DateWorker ended = worker;
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

    private static PartialsByKind Merge(DateWorker[] workers)
    {
        PartialsByKind merged = workers[0].Partials;
        foreach (DateWorker worker in workers[1..])
        {
            merged.Merge(worker.Partials);
        }

        return merged;
    }
}

using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using Lambda.Batch.Archive;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Reading;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.Recompute.Duplicates;
using Lambda.Batch.Recompute.Settling;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Plans;

namespace Lambda.Batch.Recompute;

/// <summary>What was computed from an archive below a boundary.</summary>
/// <param name="Partials">Of all views and kinds; without those that were let go while events were read.</param>
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
    /// <summary>Whether it was proved that no two of the events that were read have the same id, repetitions aside.</summary>
    public bool HasDistinctIds { get; init; }

    /// <summary>
    /// By place of a view whose windows follow the order of events, keys that have removed events. Of their windows as read, those were not let go that had been written
    /// as windows that count before the first removed event was met (<see cref="EarlierWindows"/>).
    /// </summary>
    public IReadOnlyDictionary<int, PartialKeys> Moved { get; init; } = ReadOnlyDictionary<int, PartialKeys>.Empty;

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
    public static Task<Computation> RunAsync(
        StreamPlan plan,
        IArchiveSnapshot archive,
        ArchiveRange range,
        BatchOptions options,
        IProgress<double> progress,
        CancellationToken cancellationToken) =>
        RunAsync(plan, archive, range, options, settled: null, progress, cancellationToken);

    /// <inheritdoc cref="RunAsync(StreamPlan, IArchiveSnapshot, ArchiveRange, BatchOptions, IProgress{double}, CancellationToken)"/>
    /// <param name="plan">The stream.</param>
    /// <param name="archive">What is read.</param>
    /// <param name="range">Which of its events.</param>
    /// <param name="options">How many dates are computed at once, and how much memory they may take.</param>
    /// <param name="settled">Takes partials as soon as no other event can change them; null to keep them all.</param>
    /// <param name="progress">Told the share of dates that are done.</param>
    /// <param name="cancellationToken">Ends the work between two batches.</param>
    public static async Task<Computation> RunAsync(
        StreamPlan plan,
        IArchiveSnapshot archive,
        ArchiveRange range,
        BatchOptions options,
        SettledPartials? settled,
        IProgress<double> progress,
        CancellationToken cancellationToken)
    {
        ComputedDates dates = await RunDatesAsync(plan, archive, range, options, settled, progress, cancellationToken).ConfigureAwait(false);
        return await CompleteAsync(dates, archive, range, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The dates of an archive that have to be read for a range of it, in rising order.</summary>
    public static IReadOnlyList<DateOnly> DatesOf(IArchiveSnapshot archive, ArchiveRange range) =>
        [.. (range.From is null ? archive.Dates : archive.DatesFrom(range.From)).Where(date => EventDate.Overlaps(date, range.Times))];

    /// <summary>Adds to what was computed of all dates what lies beside them: undecodable records, voids and deletions.</summary>
    /// <param name="dates">What was computed; takes note of more offsets.</param>
    /// <param name="archive">What was read.</param>
    /// <param name="range">Which of its events.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<Computation> CompleteAsync(
        ComputedDates dates, IArchiveSnapshot archive, ArchiveRange range, CancellationToken cancellationToken)
    {
        (Boundary? from, Boundary boundary, _) = range;
        OffsetCoverage coverage = dates.Coverage;
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
            dates.Partials,
            from,
            dates.RowsByDate,
            undecodable,
            undecodableBefore,
            dates.Overtaken,
            dates.Repetitions,
            [.. dates.Refused.OrderBy(row => row.Position.Partition).ThenBy(row => row.Position.Offset)],
            coverage)
        {
            HasDistinctIds = dates.HasDistinctIds,
        };
    }

    private static async Task<ComputedDates> RunDatesAsync(
        StreamPlan plan,
        IArchiveSnapshot archive,
        ArchiveRange range,
        BatchOptions options,
        SettledPartials? settled,
        IProgress<double> progress,
        CancellationToken cancellationToken)
    {
        OffsetCoverage coverage = new(range.From ?? archive.Start, range.Below);
        ConcurrentQueue<DateOnly> dates = new(DatesOf(archive, range));
        int total = dates.Count;
        int done = 0;
        using CancellationTokenSource failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        int workers = Math.Clamp(total, 1, options.Workers);
        bool isWhole = range.From is null && range.Times == EventTimeRange.All;
        using DistinctIds? ids = isWhole && AsksForDistinctIds(plan.Stream) ? new DistinctIds(Path.GetTempPath()) : null;
        DateWorker[] all =
        [
            .. Enumerable.Range(0, workers).Select(_ =>
                new DateWorker(plan, archive, range, coverage, options.MaxPartialBytes / workers, settled?.Open(), ids?.Open())),
        ];
        await Task.WhenAll(all.Select(worker => Task.Run(() => WorkAsync(worker), CancellationToken.None))).ConfigureAwait(false);
        return new ComputedDates(
            Merge(all),
            all.SelectMany(worker => worker.Rows).ToDictionary(),
            all.Sum(worker => worker.Overtaken),
            [.. all.SelectMany(worker => worker.Removed.Repetitions)],
            [.. all.SelectMany(worker => worker.Removed.Refused)],
            coverage)
        {
            HasDistinctIds = ids is not null && await Task.Run(() => ids.AreDistinct(workers, cancellationToken), cancellationToken).ConfigureAwait(false),
        };

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

                await worker.CompleteAsync(failed.Token).ConfigureAwait(false);
            }
            catch
            {
                // The others need not go on for nothing.
                await failed.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Whether one of the checks of the data is that ids differ.</summary>
    private static bool AsksForDistinctIds(StreamDefinition stream) => stream.EventId is { } id
        && stream.DataChecks.OfType<UniquenessCheck>().Any(check => check.Members is [{ } only] && only.Path == id.Path);

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

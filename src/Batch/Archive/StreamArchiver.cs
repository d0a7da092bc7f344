using System.Diagnostics;
using Lambda.Batch.History;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.Telemetry;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>
/// Follows a stream's log and puts it into its archive, runs of offsets at a time. Quarantine and voids are written before the events, so that after a
/// crash between them the run is read again and nothing is lost; what is there already is not stored twice.
/// </summary>
internal sealed class StreamArchiver(IEventLog log, IViewStore store, BatchOptions options, TimeProvider time, BatchMetrics metrics)
{
    private readonly LogOfHistory _logOfHistory = new(log, time);

    /// <summary>Archives all records below <paramref name="upTo"/>.</summary>
    /// <returns>How far the archive reaches now: at least that far.</returns>
    /// <exception cref="OffsetTrimmedException">
    /// Records were removed from the log before they were archived, and nobody has accepted that for all of their offsets.
    /// </exception>
    /// <exception cref="LogReplacedException">The log is another one than the one that the speed layer has computed, or that was archived.</exception>
    public async Task<ArchiveResult> ArchiveAsync(BatchStream stream, Boundary upTo, CancellationToken cancellationToken)
    {
        using Activity? span = BatchTrace.Start("archive", stream.Name);
        await stream.WritingTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        long started = Stopwatch.GetTimestamp();
        try
        {
            ArchiveEnds ends = await stream.Archive.RefreshAsync(cancellationToken).ConfigureAwait(false);
            await _logOfHistory.RequireAsync(stream, ends.Events, upTo, cancellationToken).ConfigureAwait(false);
            if (!ends.Events.Covers(upTo))
            {
                await RequireSameLogAsync(stream, cancellationToken).ConfigureAwait(false);
            }

            ArchiveResult result = await AppendRunsAsync(stream, ends, upTo, cancellationToken).ConfigureAwait(false);
            LargeArrays.Collect(result.Events);
            span?.SetTag("messaging.batch.message_count", result.Events + result.Rejected);
            metrics.OnArchive(stream.Name, result, Stopwatch.GetElapsedTime(started));
            return result;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            span.Fail(error);
            metrics.OnArchiveFailed(stream.Name, error);
            throw;
        }
        finally
        {
            stream.WritingTurn.Release();
        }
    }

    /// <summary>The present end of the log.</summary>
    public async Task<Boundary> ReadLogEndAsync(BatchStream stream, CancellationToken cancellationToken)
    {
        long[] ends = new long[stream.Partitions];
        for (int partition = 0; partition < ends.Length; partition++)
        {
            ends[partition] = (await log.GetOffsetsAsync(stream.Name, partition, cancellationToken).ConfigureAwait(false)).End;
        }

        return new Boundary(ends);
    }

    /// <summary>Refuses to archive another log behind the one before, which would leave out what has the offsets of records that are archived.</summary>
    private async ValueTask RequireSameLogAsync(BatchStream stream, CancellationToken cancellationToken)
    {
        if (await store.ReadStreamAsync(stream.Name, cancellationToken).ConfigureAwait(false) is { } status)
        {
            foreach (PartitionStatus partition in status.Partitions)
            {
                await _logOfHistory.RequireReachAsync(stream.Name, partition.Partition, partition.NextOffset, "computed", cancellationToken).ConfigureAwait(false);
                await LogContinuity.RequireAsync(log, stream.Name, partition, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<ArchiveResult> AppendRunsAsync(BatchStream stream, ArchiveEnds ends, Boundary upTo, CancellationToken cancellationToken)
    {
        AcceptedGaps gaps = await AcceptedGaps.ReadAsync(store, stream.Name, cancellationToken).ConfigureAwait(false);
        long events = 0;
        long rejected = 0;
        using ArchiveRun run = new(log, stream, gaps, options);
        while (!ends.Events.Covers(upTo))
        {
            bool isAppended = await TryAppendRunAsync(stream.Archive, run, ends, upTo, cancellationToken).ConfigureAwait(false);
            events += isAppended ? run.EventCount : 0;
            rejected += isAppended ? run.Rejected.Count : 0;
            ends = await stream.Archive.RefreshAsync(cancellationToken).ConfigureAwait(false);
        }

        return new ArchiveResult(ends.Events, events, rejected);
    }

    /// <summary>
    /// Reads a run of offsets and appends it. Another process may have archived from the same offset on meanwhile, to another one: then the run does not fit any more, and part of
    /// it may be gone from the log. That is no fault when the archive has grown; the next run begins where it ends.
    /// </summary>
    /// <returns>Whether the run was appended; if not, another process was faster.</returns>
    private static async Task<bool> TryAppendRunAsync(IStreamArchive archive, ArchiveRun run, ArchiveEnds ends, Boundary upTo, CancellationToken cancellationToken)
    {
        try
        {
            HashSet<LogPosition> quarantined = await ReadQuarantinedAsync(archive, ends, cancellationToken).ConfigureAwait(false);
            await run.ReadAsync(ends.Events, upTo, quarantined, cancellationToken).ConfigureAwait(false);
            await AppendRunAsync(archive, run, ends, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is HistoryException or OffsetTrimmedException)
        {
            if (await archive.RefreshAsync(cancellationToken).ConfigureAwait(false) == ends)
            {
                throw;
            }

            return false;
        }
    }

    /// <summary>
    /// Reads which records behind the events are in quarantine already, as of a run that was broken off before its events were written. The program that did so may have had other rules;
    /// a record that this one can decode would be archived twice.
    /// </summary>
    private static async Task<HashSet<LogPosition>> ReadQuarantinedAsync(IStreamArchive archive, ArchiveEnds ends, CancellationToken cancellationToken)
    {
        HashSet<LogPosition> quarantined = [];
        if (ends.Events.Covers(ends.Quarantine))
        {
            return quarantined;
        }

        IArchiveSnapshot snapshot = await archive.PinAsync(cancellationToken).ConfigureAwait(false);
        await foreach (LogPosition position in snapshot.ReadQuarantinedPositionsAsync(ends.Quarantine, cancellationToken).ConfigureAwait(false))
        {
            if (position.Offset >= ends.Events[position.Partition])
            {
                quarantined.Add(position);
            }
        }

        return quarantined;
    }

    private static async Task AppendRunAsync(IStreamArchive archive, ArchiveRun run, ArchiveEnds ends, CancellationToken cancellationToken)
    {
        // A run that was cut elsewhere before a crash may have left part of this one's refused records and voids behind.
        IReadOnlyList<QuarantinedRecord> rejected = [.. run.Rejected.Where(record => record.Offset >= ends.Quarantine[record.Partition])];
        if (rejected.Count > 0)
        {
            await archive.AppendQuarantineAsync(rejected, RangesFrom(ends.Quarantine, run), cancellationToken).ConfigureAwait(false);
        }

        // None of those that were read is in quarantine: below its end, these were events to a program of other rules, which crashed before it wrote them.
        IReadOnlyList<QuarantinedRecord> passed = [.. run.Rejected.Where(record => record.Offset < ends.Quarantine[record.Partition])];
        if (passed.Count > 0)
        {
            await archive.AddToQuarantineAsync(passed, cancellationToken).ConfigureAwait(false);
        }

        IReadOnlyList<LogVoid> voids = [.. run.Voids.Select(found => Behind(ends.Voids[found.Partition], found)).Where(found => !found.Offsets.IsEmpty)];
        if (voids.Count > 0)
        {
            await archive.AppendVoidsAsync(voids, RangesFrom(ends.Voids, run), cancellationToken).ConfigureAwait(false);
        }

        await archive.AppendAsync(run.Events, run.Ranges, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The offsets of a run for a table that reaches elsewhere than the events.</summary>
    private static Dictionary<int, OffsetRange> RangesFrom(Boundary end, ArchiveRun run) => run.Ranges
        .Where(range => range.Value.End > end[range.Key])
        .ToDictionary(range => range.Key, range => new OffsetRange(end[range.Key], range.Value.End));

    private static LogVoid Behind(long end, LogVoid found) =>
        found with { Offsets = found.Offsets with { Start = Math.Max(end, found.Offsets.Start) } };
}

/// <summary>What archiving has done.</summary>
/// <param name="End">Per partition the first offset that is not archived.</param>
/// <param name="Events">Events added.</param>
/// <param name="Rejected">Undecodable records found.</param>
internal sealed record ArchiveResult(Boundary End, long Events, long Rejected);

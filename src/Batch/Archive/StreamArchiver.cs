using System.Diagnostics;
using Lambda.Batch.Telemetry;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>
/// Follows a stream's log and puts it into its archive, runs of offsets at a time. The quarantine is written before the events, so that after a
/// crash between the two the run is read again and nothing is lost; what is there already is not stored twice.
/// </summary>
internal sealed class StreamArchiver(IEventLog log, BatchOptions options, BatchMetrics metrics)
{
    /// <summary>Archives all records below <paramref name="upTo"/>.</summary>
    /// <returns>How far the archive reaches now: at least that far.</returns>
    /// <exception cref="OffsetTrimmedException">Records were removed from the log before they were archived.</exception>
    public async Task<ArchiveResult> ArchiveAsync(BatchStream stream, Boundary upTo, CancellationToken cancellationToken)
    {
        using Activity? span = BatchTrace.Start("archive", stream.Name);
        await stream.ArchiveTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        long started = Stopwatch.GetTimestamp();
        try
        {
            ArchiveEnds ends = await stream.Archive.RefreshAsync(cancellationToken).ConfigureAwait(false);
            long events = 0;
            long rejected = 0;
            while (!ends.Events.Covers(upTo))
            {
                using ArchiveRun run = new(log, stream, options);
                await run.ReadAsync(ends.Events, upTo, cancellationToken).ConfigureAwait(false);
                await AppendAsync(stream.Archive, run, ends, cancellationToken).ConfigureAwait(false);
                events += run.EventCount;
                rejected += run.Rejected.Count;
                ends = await stream.Archive.RefreshAsync(cancellationToken).ConfigureAwait(false);
            }

            ArchiveResult result = new(ends.Events, events, rejected);
            span?.SetTag("messaging.batch.message_count", events + rejected);
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
            stream.ArchiveTurn.Release();
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

    private static async Task AppendAsync(IStreamArchive archive, ArchiveRun run, ArchiveEnds ends, CancellationToken cancellationToken)
    {
        // A run that was cut elsewhere before a crash may have left part of this one's refused records behind.
        IReadOnlyList<QuarantinedRecord> rejected = [.. run.Rejected.Where(record => record.Offset >= ends.Quarantine[record.Partition])];
        if (rejected.Count > 0)
        {
            Dictionary<int, OffsetRange> ranges = run.Ranges
                .Where(range => range.Value.End > ends.Quarantine[range.Key])
                .ToDictionary(range => range.Key, range => new OffsetRange(ends.Quarantine[range.Key], range.Value.End));
            await archive.AppendQuarantineAsync(rejected, ranges, cancellationToken).ConfigureAwait(false);
        }

        await archive.AppendAsync(run.Events, run.Ranges, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>What archiving has done.</summary>
/// <param name="End">Per partition the first offset that is not archived.</param>
/// <param name="Events">Events added.</param>
/// <param name="Rejected">Undecodable records found.</param>
internal sealed record ArchiveResult(Boundary End, long Events, long Rejected);

using System.Globalization;
using Lambda.Log;
using Lambda.Time;

namespace Lambda.Store;

/// <summary>
/// Finds out whether a log still is the one that the speed layer has read. One that was deleted and made anew, and has grown as far since, has offsets like the
/// one before; what tells it apart is the record before the committed offset, which was appended after everything that is committed.
/// </summary>
internal static class LogContinuity
{
    /// <summary>Looks at a partition; at no cost but that of reading one record.</summary>
    /// <remarks>
    /// The record may be missing (retention, compaction, a transaction's marker): then nothing is known, and nothing said. Where it is there, it was the last one of
    /// the last commit with records, and its append time is the one that is stored. A replay can have left out the last records, as they were deleted
    /// from the history; those were appended before its commit.
    /// </remarks>
    /// <param name="log">The log as it is now.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="partition">What was committed of a partition.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LogReplacedException">It is another log.</exception>
    /// <exception cref="EventLogException">The log cannot be read.</exception>
    public static async ValueTask RequireAsync(IEventLog log, string stream, PartitionStatus partition, CancellationToken cancellationToken)
    {
        long last = partition.NextOffset - 1;
        if (partition.LastAppendedAt is not { } appendedAt || last < partition.Start)
        {
            return;
        }

        await RequireRecordAsync(
            log, stream, new LogPosition(partition.Partition, last), appendedAt, Math.Max(appendedAt, partition.CommittedAt ?? appendedAt), "computed", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks at a record, unless it is missing.</summary>
    /// <param name="log">The log as it is now.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="position">Where the record stands.</param>
    /// <param name="appendedAt">When the one that stood there was appended.</param>
    /// <param name="latest">When it may have been appended at the latest for all that is known.</param>
    /// <param name="taken">What became of the one that stood there, as a participle.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LogReplacedException">It was appended later, so that it is another one.</exception>
    /// <exception cref="EventLogException">The log cannot be read.</exception>
    public static async ValueTask RequireRecordAsync(
        IEventLog log, string stream, LogPosition position, long appendedAt, long latest, string taken, CancellationToken cancellationToken)
    {
        OffsetRange there = await log.GetOffsetsAsync(stream, position.Partition, cancellationToken).ConfigureAwait(false);
        if (position.Offset < there.Start || position.Offset >= there.End)
        {
            return;
        }

        using RecordBatch record = new(maxRecords: 1, maxBytes: 1);
        try
        {
            await log.ReadAsync(stream, position.Partition, position.Offset, record, cancellationToken).ConfigureAwait(false);
        }
        catch (OffsetTrimmedException)
        {
            // It has gone since: it is taken, so that retention may remove it at any time.
            return;
        }

        if (record.Count > 0 && record.Offset(0) == position.Offset && record.AppendedAt(0) > latest)
        {
            throw new LogReplacedException(
                stream,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the record at offset {position.Offset} of partition {position.Partition} was appended at {Text(record.AppendedAt(0))}, and the one that was {taken} was at {Text(appendedAt)}"));
        }
    }

    private static string Text(long microseconds) => UtcMicroseconds.ToDateTime(microseconds).ToString("yyyy-MM-dd HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}

using System.Runtime.CompilerServices;
using Lambda.Batch.Archive;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Recompute;

/// <summary>Finds the records of refused rows: their bytes in the log, or, where the log has been trimmed, the event again from the history.</summary>
internal sealed class RefusedRecords(IEventLog log, StreamDefinition stream)
{
    private const int RecordsPerRead = 1024;

    /// <summary>
    /// How far behind a read the next row may be for reading on to it. A log in brokers has what comes next at hand, and takes as long to go elsewhere as to hand
    /// over many thousands of records.
    /// </summary>
    private const int ReadOn = 16_384;

    /// <summary>One quarantined record per row, in any order.</summary>
    /// <param name="rows">Ordered by partition and offset.</param>
    /// <param name="archive">Holds every one of them.</param>
    /// <param name="below">A boundary above all of them.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async IAsyncEnumerable<QuarantinedRecord> FindAsync(
        IReadOnlyList<RefusedRow> rows, IArchiveSnapshot archive, Boundary below, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<RefusedRow> trimmed = [];
        using RecordBatch batch = new(RecordsPerRead);
        int read = -1;
        foreach (RefusedRow row in rows)
        {
            if (read != row.Position.Partition || Find(batch, row.Position.Offset) is null)
            {
                long ahead = read == row.Position.Partition ? row.Position.Offset - batch.NextOffset : -1;
                bool isRead = (ahead is >= 0 and < ReadOn && await TryReadAsync(row.Position, batch.NextOffset, batch, cancellationToken).ConfigureAwait(false))
                    || await TryReadAsync(row.Position, row.Position.Offset, batch, cancellationToken).ConfigureAwait(false);
                read = isRead ? row.Position.Partition : -1;
            }

            if (read >= 0 && Find(batch, row.Position.Offset) is { } index)
            {
                yield return Record(row, batch.Key(index).ToArray(), batch.Value(index).ToArray());
            }
            else
            {
                trimmed.Add(row);
            }
        }

        foreach (IGrouping<DateOnly, RefusedRow> date in trimmed.GroupBy(row => row.Date))
        {
            await foreach (QuarantinedRecord record in RebuildAsync(
                date.Key, date.ToDictionary(row => row.Position), archive, below, cancellationToken).ConfigureAwait(false))
            {
                yield return record;
            }
        }
    }

    /// <summary>Reads from an offset on until the batch reaches beyond a position, or there is no more.</summary>
    private async Task<bool> TryReadAsync(LogPosition position, long from, RecordBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await log.ReadAsync(stream.Name, position.Partition, from, batch, cancellationToken).ConfigureAwait(false);
                if (batch.NextOffset > position.Offset || batch.NextOffset <= from)
                {
                    return true;
                }

                from = batch.NextOffset;
            }
        }
        catch (OffsetTrimmedException)
        {
            batch.Clear();
            return false;
        }
    }

    private async IAsyncEnumerable<QuarantinedRecord> RebuildAsync(
        DateOnly date,
        Dictionary<LogPosition, RefusedRow> rows,
        IArchiveSnapshot archive,
        Boundary below,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (EventBatch batch in archive
            .ReadAsync(date, Projection.Everything(stream.Schema), new StringDictionary(), below, cancellationToken).ConfigureAwait(false))
        {
            for (int row = 0; row < batch.Count; row++)
            {
                if (rows.TryGetValue(new LogPosition(batch.Partitions[row], batch.Offsets[row]), out RefusedRow? refused))
                {
                    byte[] key = stream.PartitionKey is { } member ? EventJson.Key(batch[member]!, row) : [];
                    yield return Record(refused, key, EventJson.Write(batch, row));
                }
            }
        }
    }

    /// <summary>The place of an offset in a batch whose offsets rise; null when it is not there.</summary>
    private static int? Find(RecordBatch batch, long offset)
    {
        int low = 0;
        int high = batch.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            long found = batch.Offset(middle);
            if (found == offset)
            {
                return middle;
            }

            (low, high) = found < offset ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }

    private QuarantinedRecord Record(RefusedRow row, byte[] key, byte[] value) => new(
        stream.Name, row.Position.Partition, row.Position.Offset, row.AppendedAt, row.Reason, row.Detail, key, value);
}

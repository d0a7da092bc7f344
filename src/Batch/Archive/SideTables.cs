using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Lambda.Batch.History;
using Lambda.Batch.History.Delta;
using Lambda.Batch.History.SideTables;
using Lambda.Batch.History.Storage;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>
/// The tables beside that of events: records that could not be decoded, offsets without a record, and deleted ones. They may name
/// partitions that a boundary does not have: the log may have got them since, and another process may have archived them.
/// </summary>
/// <remarks>
/// Read at their newest whenever they are asked for. Rows that belong to events were written before those, and stay, so that whatever version of the events is read, they hold the same below
/// its end; an older version of theirs might have lost its files, as a vacuum spares only those of events for longer than the retention.
/// </remarks>
/// <param name="storage">Where they lie.</param>
/// <param name="stream">The stream.</param>
/// <param name="quarantine">Looks for the undecodable records.</param>
/// <param name="voids">Looks for where the log holds no record.</param>
/// <param name="deletions">Looks for what was deleted; null when nothing ever was.</param>
internal sealed class SideTables(
    IObjectStorage storage,
    string stream,
    Func<CancellationToken, ValueTask<DeltaSnapshot>> quarantine,
    Func<CancellationToken, ValueTask<DeltaSnapshot>> voids,
    Func<CancellationToken, ValueTask<DeltaSnapshot>>? deletions)
{
    /// <summary>Where the records of a version of a stream's quarantine stand in the log.</summary>
    public static async IAsyncEnumerable<LogPosition> ReadPositionsAsync(
        IObjectStorage storage, string stream, DeltaSnapshot quarantine, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (DbDataReader row in QueryAsync(
            storage, HistoryLayout.QuarantineOf(stream), quarantine, "_partition, _offset", "true", cancellationToken).ConfigureAwait(false))
        {
            yield return new LogPosition(row.GetInt32(0), row.GetInt64(1));
        }
    }

    /// <inheritdoc cref="IArchiveSnapshot.ReadQuarantinedPositionsAsync"/>
    public async IAsyncEnumerable<LogPosition> ReadQuarantinedPositionsAsync(
        Boundary below, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DeltaSnapshot newest = await quarantine(cancellationToken).ConfigureAwait(false);
        await foreach (LogPosition position in ReadPositionsAsync(storage, stream, newest, cancellationToken).ConfigureAwait(false))
        {
            if (position.Partition < below.Partitions && position.Offset < below[position.Partition])
            {
                yield return position;
            }
        }
    }

    /// <inheritdoc cref="IArchiveSnapshot.ReadVoidsAsync"/>
    public IAsyncEnumerable<LogVoid> ReadVoidsAsync(Boundary below, CancellationToken cancellationToken) =>
        ReadRangesAsync(HistoryLayout.VoidsOf(stream), voids, below, cancellationToken);

    /// <inheritdoc cref="IArchiveSnapshot.ReadDeletionsAsync"/>
    public IAsyncEnumerable<LogVoid> ReadDeletionsAsync(Boundary below, CancellationToken cancellationToken) => deletions is null
        ? AsyncEnumerable.Empty<LogVoid>()
        : ReadRangesAsync(HistoryLayout.DeletionsOf(stream), deletions, below, cancellationToken);

    /// <inheritdoc cref="IArchiveSnapshot.ReadQuarantineAsync"/>
    public async IAsyncEnumerable<QuarantinedRecord> ReadQuarantineAsync(
        Boundary from, Boundary below, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<string> ranges =
        [
            .. Enumerable.Range(0, below.Partitions).Where(partition => from[partition] < below[partition]).Select(partition => string.Create(
                CultureInfo.InvariantCulture, $"(_partition = {partition} AND _offset >= {from[partition]} AND _offset < {below[partition]})")),
        ];
        if (ranges.Count == 0)
        {
            yield break;
        }

        await foreach (DbDataReader row in QueryAsync(
            storage,
            HistoryLayout.QuarantineOf(stream),
            await quarantine(cancellationToken).ConfigureAwait(false),
            "_partition, _offset, epoch_us(_appended_at), reason, detail, key, value",
            string.Join(" OR ", ranges),
            cancellationToken).ConfigureAwait(false))
        {
            yield return new QuarantinedRecord(
                stream, row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), Enum.Parse<RejectReason>(row.GetString(3)),
                row.GetString(4), Bytes(row, 5), Bytes(row, 6));
        }
    }

    private async IAsyncEnumerable<LogVoid> ReadRangesAsync(
        string table,
        Func<CancellationToken, ValueTask<DeltaSnapshot>> newest,
        Boundary below,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DeltaSnapshot version = await newest(cancellationToken).ConfigureAwait(false);
        await foreach (DbDataReader row in QueryAsync(storage, table, version, "_partition, _offset, end_offset", "true", cancellationToken).ConfigureAwait(false))
        {
            int partition = row.GetInt32(0);
            OffsetRange offsets = partition < below.Partitions
                ? new(row.GetInt64(1), Math.Min(row.GetInt64(2), below[partition]))
                : default;
            if (!offsets.IsEmpty)
            {
                yield return new LogVoid(partition, offsets);
            }
        }
    }

    private static async IAsyncEnumerable<DbDataReader> QueryAsync(
        IObjectStorage storage, string table, DeltaSnapshot version, string columns, string condition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using LocalFiles files = await LocalFiles.OpenAsync(storage, table, version.Files, cancellationToken).ConfigureAwait(false);
        await foreach (DbDataReader row in ParquetFiles.QueryAsync(columns, files.Paths, condition, cancellationToken).ConfigureAwait(false))
        {
            yield return row;
        }
    }

    private static byte[] Bytes(DbDataReader row, int column)
    {
        using Stream stream = row.GetStream(column);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

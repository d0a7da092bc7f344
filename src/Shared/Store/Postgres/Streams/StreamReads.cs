using Dapper;
using Lambda.Log;
using Lambda.Store.Postgres.Batch;
using Lambda.Store.Relational;
using Npgsql;

namespace Lambda.Store.Postgres.Streams;

/// <summary>The state of streams and their epochs.</summary>
internal static class StreamReads
{
    /// <summary>The state of a stream; null when it is not known.</summary>
    public static async ValueTask<StreamStatus?> ReadStatusAsync(NpgsqlConnection connection, string stream)
    {
        StatusRow[] partitions =
        [
            .. await connection.QueryAsync<StatusRow>(
                $"SELECT {StatusRow.Columns} FROM partitions WHERE stream = @stream ORDER BY partition", new { stream }).ConfigureAwait(false),
        ];
        return partitions.Length == 0
            ? null
            : new StreamStatus(
                stream,
                [.. partitions.Select(row => row.ToStatus())],
                await GenerationRows.ReadCurrentAsync(connection, stream).ConfigureAwait(false),
                await QuarantineTable.CountAsync(connection, stream).ConfigureAwait(false))
            {
                Edition = partitions[0].Edition,
            };
    }

    /// <summary>The epochs of a stream, or of the lane of another of its editions; none for partitions that were never claimed.</summary>
    public static async ValueTask<IReadOnlyList<EpochInfo>> ReadEpochsAsync(NpgsqlConnection connection, string stream) =>
    [
        .. (await connection.QueryAsync<(int Partition, long Epoch, long Start, long End, bool IsOpen, int Edition)>(
            """
            SELECT partition, sealed_epochs.epoch, sealed_epochs.start_offset, end_offset, false, edition
            FROM sealed_epochs JOIN partitions USING (stream, partition) WHERE stream = @stream
            UNION ALL
            SELECT partition, epoch, epoch_start, next_offset, true, edition FROM partitions WHERE stream = @stream AND epoch > 0
            ORDER BY 1, 2
            """,
            new { stream }).ConfigureAwait(false))
            .Select(ToInfo),
    ];

    /// <summary>The open epochs of a stream, and those that begin at a boundary or later, however many there are before it.</summary>
    public static async ValueTask<IReadOnlyList<EpochInfo>> ReadEpochsFromAsync(NpgsqlConnection connection, string stream, Boundary boundary) =>
    [
        .. (await connection.QueryAsync<(int Partition, long Epoch, long Start, long End, bool IsOpen, int Edition)>(
            """
            SELECT partition, sealed_epochs.epoch, sealed_epochs.start_offset, end_offset, false, edition
            FROM (SELECT ordinality::integer - 1 AS partition, bound FROM unnest(@bounds) WITH ORDINALITY AS bounds (bound)) AS bounds
            JOIN partitions USING (partition) JOIN sealed_epochs USING (stream, partition) WHERE stream = @stream AND sealed_epochs.start_offset >= bound
            UNION ALL
            SELECT partition, epoch, epoch_start, next_offset, true, edition FROM partitions WHERE stream = @stream AND epoch > 0
            ORDER BY 1, 2
            """,
            new { stream, bounds = boundary.Offsets.ToArray() }).ConfigureAwait(false))
            .Select(ToInfo),
    ];

    private static EpochInfo ToInfo((int Partition, long Epoch, long Start, long End, bool IsOpen, int Edition) row) => new(
        row.Partition, row.Epoch, new OffsetRange(row.Start, row.End), row.IsOpen ? EpochState.Open : EpochState.Sealed)
    {
        Edition = row.Edition,
    };
}

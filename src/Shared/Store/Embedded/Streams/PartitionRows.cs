using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Relational;

namespace Lambda.Store.Embedded.Streams;

/// <summary>The rows of partitions.</summary>
internal static class PartitionRows
{
    /// <summary>Reads a partition of a stream, or of the lane of another of its editions.</summary>
    /// <exception cref="ViewStoreException">The store does not know it.</exception>
    public static PartitionRow Read(DuckDBConnection connection, string stream, int partition, long now) =>
        connection.QuerySingleOrDefault<PartitionRow>(
            """
            SELECT fence, epoch, epoch_start AS EpochStart, next_offset AS NextOffset, max_event_time AS MaxEventTime,
                seal_requested AS SealRequested, edition, held_until > $now AS IsHeld,
                (SELECT boundary FROM generations g WHERE g.stream = $named AND g.state = 'Current') AS Boundary
            FROM partitions WHERE stream = $stream AND partition = $partition
            """,
            new { stream, partition, named = EditionLane.StreamOf(stream), now })
        ?? throw PartitionRow.Unknown(stream, partition);
}

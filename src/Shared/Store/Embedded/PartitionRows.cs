using Dapper;
using DuckDB.NET.Data;

namespace Lambda.Store.Embedded;

/// <summary>Who owns a partition and how far it is.</summary>
internal sealed class PartitionRow
{
    public long Fence { get; init; }

    /// <summary>The open epoch; zero before the first claim, when there is none.</summary>
    public long Epoch { get; init; }

    public long EpochStart { get; init; }

    public long NextOffset { get; init; }

    public long? MaxEventTime { get; init; }

    public bool SealRequested { get; init; }

    /// <summary>The boundary of the stream's current generation; null when there is none.</summary>
    public string? Boundary { get; init; }

    /// <summary>Reads a partition.</summary>
    /// <exception cref="ViewStoreException">The store does not know it.</exception>
    public static PartitionRow Read(DuckDBConnection connection, string stream, int partition) =>
        connection.QuerySingleOrDefault<PartitionRow>(
            """
            SELECT fence, epoch, epoch_start AS EpochStart, next_offset AS NextOffset, max_event_time AS MaxEventTime,
                seal_requested AS SealRequested,
                (SELECT boundary FROM generations g WHERE g.stream = $stream AND g.state = 'Current') AS Boundary
            FROM partitions WHERE stream = $stream AND partition = $partition
            """,
            new { stream, partition })
        ?? throw new ViewStoreException(
            $"The store does not know partition {partition} of stream '{stream}'. Register the stream with all of its partitions first.");
}

using Dapper;
using Lambda.Store.Relational;
using Npgsql;

namespace Lambda.Store.Postgres;

/// <summary>A partition and the view versions that its owner computes.</summary>
internal sealed class OwnedPartitionRow : PartitionRow
{
    /// <summary>The sorted numbers of the versions.</summary>
    public int[] ViewVersions { get; init; } = [];
}

/// <summary>The rows of partitions.</summary>
internal static class PartitionRows
{
    private const string Select =
        """
        SELECT fence, epoch, epoch_start AS EpochStart, next_offset AS NextOffset, max_event_time AS MaxEventTime, seal_requested AS SealRequested,
            view_versions AS ViewVersions
        FROM partitions WHERE stream = @stream AND partition = @partition
        """;

    /// <summary>Reads a partition.</summary>
    /// <exception cref="ViewStoreException">The store does not know it.</exception>
    public static async ValueTask<PartitionRow> ReadAsync(NpgsqlConnection connection, string stream, int partition) =>
        await connection.QuerySingleOrDefaultAsync<OwnedPartitionRow>(Select, new { stream, partition }).ConfigureAwait(false)
        ?? throw PartitionRow.Unknown(stream, partition);

    /// <summary>Reads a partition with the boundary that binds its commits, and keeps others from changing either until the transaction ends.</summary>
    /// <exception cref="ViewStoreException">The store does not know it.</exception>
    public static async ValueTask<OwnedPartitionRow> LockAsync(NpgsqlConnection connection, string stream, int partition)
    {
        // Two statements: one that waits for a lock goes on with what it saw of other tables before.
        await using SqlMapper.GridReader both = await connection.QueryMultipleAsync(
            $"{Select} FOR UPDATE; SELECT boundary FROM generations WHERE stream = @stream AND state = 'Current'", new { stream, partition })
            .ConfigureAwait(false);
        OwnedPartitionRow row = await both.ReadSingleOrDefaultAsync<OwnedPartitionRow>().ConfigureAwait(false)
            ?? throw PartitionRow.Unknown(stream, partition);
        row.Boundary = await both.ReadSingleOrDefaultAsync<string>().ConfigureAwait(false);
        return row;
    }

    /// <summary>Keeps commits to all partitions of a stream waiting until the transaction ends.</summary>
    /// <returns>The committed offsets by partition.</returns>
    public static async ValueTask<long[]> LockAllAsync(NpgsqlConnection connection, string stream) =>
    [
        .. await connection.QueryAsync<long>(
            "SELECT next_offset FROM partitions WHERE stream = @stream ORDER BY partition FOR UPDATE", new { stream }).ConfigureAwait(false),
    ];
}

using Dapper;
using Lambda.Store.Postgres.Database;
using Lambda.Store.Relational;
using Npgsql;

namespace Lambda.Store.Postgres.Streams;

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
            view_versions AS ViewVersions, edition,
            held_until > 0 AND held_until > coalesce(@now, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) AS IsHeld
        FROM partitions WHERE stream = @stream AND partition = @partition
        """;

    /// <summary>Reads a partition of a stream, or of the lane of another of its editions.</summary>
    /// <exception cref="ViewStoreException">The store does not know it.</exception>
    public static async ValueTask<PartitionRow> ReadAsync(NpgsqlConnection connection, string stream, int partition, StoreClock clock) =>
        await connection.QuerySingleOrDefaultAsync<OwnedPartitionRow>(Select, new { stream, partition, now = clock.Given }).ConfigureAwait(false)
        ?? throw PartitionRow.Unknown(stream, partition);

    /// <summary>
    /// Reads a partition with the boundary that binds its commits, and keeps others from changing either until the transaction ends, of which this must be the
    /// first statement.
    /// </summary>
    /// <exception cref="ViewStoreException">The store does not know it.</exception>
    public static async ValueTask<OwnedPartitionRow> LockAsync(NpgsqlConnection connection, string stream, int partition, StoreClock clock)
    {
        while (true)
        {
            if (await FindLockedAsync(connection, stream, partition, clock).ConfigureAwait(false) is { } row)
            {
                return row;
            }

            // Who waited while another edition took the stream over finds the row gone, and at another look the one in its place. The lock of the first has been
            // taken all the same: kept, it could have this wait for whoever waits for it.
            await connection.ExecuteAsync("ROLLBACK AND CHAIN").ConfigureAwait(false);
            await ReadAsync(connection, stream, partition, clock).ConfigureAwait(false);
        }
    }

    private static async ValueTask<OwnedPartitionRow?> FindLockedAsync(NpgsqlConnection connection, string stream, int partition, StoreClock clock)
    {
        // Two statements: one that waits for a lock goes on with what it saw of other tables before.
        await using SqlMapper.GridReader both = await connection.QueryMultipleAsync(
            $"{Select} FOR UPDATE; SELECT boundary FROM generations WHERE stream = @named AND state = 'Current'",
            new { stream, partition, named = EditionLane.StreamOf(stream), now = clock.Given })
            .ConfigureAwait(false);
        OwnedPartitionRow? row = await both.ReadSingleOrDefaultAsync<OwnedPartitionRow>().ConfigureAwait(false);
        string? boundary = await both.ReadSingleOrDefaultAsync<string>().ConfigureAwait(false);
        if (row is not null)
        {
            row.Boundary = boundary;
        }

        return row;
    }

    /// <summary>The edition of a stream that answers.</summary>
    public static Task<int> ReadEditionAsync(NpgsqlConnection connection, string stream) => connection.QuerySingleAsync<int>(
        "SELECT edition FROM partitions WHERE stream = @stream AND partition = 0", new { stream });

    /// <summary>Keeps commits to all partitions of a stream waiting until the transaction ends.</summary>
    /// <returns>The committed offsets by partition.</returns>
    public static async ValueTask<long[]> LockAllAsync(NpgsqlConnection connection, string stream)
    {
        // Who waited while another edition took the stream over finds all rows gone, and at another look those in their place. As above, the locks of the first
        // ones are given back; much may have been written before here, though.
        await connection.ExecuteAsync("SAVEPOINT unlocked").ConfigureAwait(false);
        while (true)
        {
            long[] locked = await FindAllLockedAsync(connection, stream).ConfigureAwait(false);
            if (locked.Length > 0)
            {
                return locked;
            }

            await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT unlocked").ConfigureAwait(false);
            if (!await connection.ExecuteScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM partitions WHERE stream = @stream)", new { stream }).ConfigureAwait(false))
            {
                return [];
            }
        }
    }

    private static async ValueTask<long[]> FindAllLockedAsync(NpgsqlConnection connection, string stream) =>
    [
        .. await connection.QueryAsync<long>(
            "SELECT next_offset FROM partitions WHERE stream = @stream ORDER BY partition FOR UPDATE", new { stream }).ConfigureAwait(false),
    ];
}

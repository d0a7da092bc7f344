using Dapper;
using Lambda.Store.Postgres.Database;
using Lambda.Store.Postgres.Tables;
using Npgsql;

namespace Lambda.Store.Postgres.Streams;

/// <summary>
/// From which offsets on the speed layer has computed a view version, partition by partition. Programs with different definitions may be alive at
/// once, each the owner of some partitions: so a version is in progress in a partition while the owner is a process that has registered it, and ends there
/// where an owner without it writes on. A version that nobody has taken up yet covers nothing: it begins where it ends.
/// </summary>
internal static class Coverage
{
    /// <summary>Says that a version is new: it begins where partitions are now.</summary>
    public static Task CreateAsync(NpgsqlConnection connection, ViewTable table, int edition, long[] offsets) => connection.ExecuteAsync(
        """
        INSERT INTO coverage
        SELECT @Id, @first + ordinality - 1, next, next, NULL FROM unnest(@offsets) WITH ORDINALITY AS offsets (next, ordinality)
        """,
        new { table.Id, first = EditionLane.Slot(edition, 0), offsets });

    /// <summary>Says that a version is registered again: where a partition went on without it, its partials have a gap and are worth nothing.</summary>
    public static async Task TakeUpAsync(NpgsqlConnection connection, ViewTable table, int edition, long[] offsets)
    {
        int first = EditionLane.Slot(edition, 0);
        foreach ((int slot, long end) in (await connection.QueryAsync<(int, long)>(
            $"SELECT partition, covered_to FROM coverage WHERE view_version = @Id AND covered_to IS NOT NULL AND {EditionLane.Holds(edition)}", new { table.Id }).ConfigureAwait(false))
            .Where(ended => ended.Item2 != offsets[ended.Item1 - first]))
        {
            await BeginAnewAsync(connection, table.Id, slot, offsets[slot - first]).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Says which versions the owner of a partition computes from its committed offset on. The partition is locked, and the owner is about to write to it.
    /// </summary>
    public static async Task GoOnWithAsync(NpgsqlConnection connection, string stream, int partition, OwnedPartitionRow row, int[]? versions, StoreClock clock)
    {
        if (versions is null || row.ViewVersions.AsSpan().SequenceEqual(versions))
        {
            return;
        }

        if (EditionLane.IsBeside(stream))
        {
            throw new ViewStoreException(
                $"Edition '{stream}' computes other versions of the views than this process has registered. Drop it, and begin another replay.");
        }

        int slot = EditionLane.Slot(row.Edition, partition);

        foreach (int taken in versions.Except(row.ViewVersions))
        {
            long end = await connection.QuerySingleAsync<long>(
                "SELECT coalesce(covered_to, @NextOffset) FROM coverage WHERE view_version = @taken AND partition = @slot",
                new { taken, slot, row.NextOffset }).ConfigureAwait(false);
            if (end != row.NextOffset)
            {
                await BeginAnewAsync(connection, taken, slot, row.NextOffset).ConfigureAwait(false);
            }

            await connection.ExecuteAsync(
                "UPDATE coverage SET covered_to = NULL, left_at = NULL WHERE view_version = @taken AND partition = @slot",
                new { taken, slot }).ConfigureAwait(false);
        }

        await connection.ExecuteAsync(
            $"""
            UPDATE coverage SET covered_to = @NextOffset, left_at = {StoreClock.Sql}
            WHERE view_version = ANY (@left) AND partition = @slot;
            UPDATE partitions SET view_versions = @versions WHERE stream = @stream AND partition = @partition
            """,
            new { row.NextOffset, now = clock.Given, left = row.ViewVersions.Except(versions).ToArray(), versions, stream, partition, slot }).ConfigureAwait(false);
    }

    /// <summary>
    /// From which offsets on a version is covered. A partition that has gone on without it would begin anew when it is taken up, so until then it covers nothing
    /// of what is computed.
    /// </summary>
    public static async Task<Boundary> ReadAsync(NpgsqlConnection connection, ViewTable table, int edition) => new(await connection.QueryAsync<long>(
        $"""
        SELECT CASE WHEN covered_to <> next_offset THEN next_offset ELSE covered_from END
        FROM coverage JOIN partitions ON partitions.partition + edition * {EditionLane.Width} = coverage.partition
        WHERE view_version = @Id AND stream = @Stream AND edition = @edition ORDER BY coverage.partition
        """,
        new { table.Id, table.Layout.Stream, edition }).ConfigureAwait(false));

    /// <summary>The versions of a stream that no partition has been computed with since an instant.</summary>
    public static Task<IEnumerable<int>> ReadLeftAsync(NpgsqlConnection connection, string stream, long before) => connection.QueryAsync<int>(
        """
        SELECT view_version FROM coverage JOIN view_versions ON id = view_version WHERE stream = @stream
        GROUP BY view_version HAVING bool_and(covered_to IS NOT NULL) AND max(left_at) < @before
        """,
        new { stream, before });

    /// <summary>Says that the speed partials of a version are gone: it still ends where it did, and covers nothing.</summary>
    public static Task ForgetAsync(NpgsqlConnection connection, int version) => connection.ExecuteAsync(
        "UPDATE coverage SET covered_from = covered_to, left_at = NULL WHERE view_version = @version", new { version });

    private static Task<int> BeginAnewAsync(NpgsqlConnection connection, int version, int slot, long offset) => connection.ExecuteAsync(
        $"""
        DELETE FROM {ViewTable.PackedNameOf(version)} WHERE partition = @slot;
        DELETE FROM {ViewTable.SpeedRowsNameOf(version)} WHERE partition = @slot;
        UPDATE coverage SET covered_from = @offset, covered_to = @offset, left_at = NULL WHERE view_version = @version AND partition = @slot
        """,
        new { version, slot, offset });
}

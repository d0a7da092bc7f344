using Dapper;
using Lambda.Store.Relational;
using Npgsql;

namespace Lambda.Store.Postgres.Streams;

/// <summary>Makes partitions known that a stream has got in its log.</summary>
internal static class StreamGrowth
{
    /// <summary>Has a stream and each of its editions begin further partitions at their first offset, unless it has as many already.</summary>
    /// <returns>How many were added.</returns>
    /// <exception cref="ViewStoreException">The store does not know the stream, or has no numbers for so many partitions.</exception>
    public static async ValueTask<int> GrowAsync(NpgsqlConnection connection, string stream, int partitions)
    {
        LayoutRules.RequireNumbers(stream, partitions);

        // As editions are locked: the partitions that answer, those of other editions, and the stream last.
        await PartitionRows.LockAllAsync(connection, stream).ConfigureAwait(false);
        int[] editions = [.. await connection.QueryAsync<int>(
            $"SELECT edition FROM editions WHERE stream = @stream AND state NOT IN ('Live', '{EditionRow.Dropped}') ORDER BY edition", new { stream })
            .ConfigureAwait(false)];
        string[] lanes = [stream, .. editions.Select(edition => EditionLane.Of(stream, edition))];
        foreach (string lane in lanes[1..])
        {
            await PartitionRows.LockAllAsync(connection, lane).ConfigureAwait(false);
        }

        int known = await connection.QuerySingleOrDefaultAsync<int?>("SELECT partitions FROM streams WHERE stream = @stream FOR UPDATE", new { stream })
            .ConfigureAwait(false) ?? throw LayoutRules.UnknownStream(stream);
        if (known >= partitions)
        {
            return 0;
        }

        // A version is begun by the first owner of such a partition of the edition that answers; in others, whose views are set, it is begun already.
        await connection.ExecuteAsync(
            $"""
            INSERT INTO partitions (
                stream, partition, fence, epoch, epoch_start, next_offset, accepted, quarantined, seal_requested, start_offset, view_versions, edition)
            SELECT stream, added, 0, 0, 0, 0, 0, 0, false, 0, CASE WHEN stream = @stream THEN @none ELSE view_versions END, edition
            FROM partitions CROSS JOIN generate_series(@known, @partitions - 1) AS added WHERE partition = 0 AND stream = ANY (@lanes);
            INSERT INTO coverage
            SELECT view_version, coverage.partition + added, 0, CASE WHEN covered_to IS NULL AND partitions.stream <> @stream THEN NULL ELSE 0 END, left_at
            FROM coverage JOIN view_versions ON id = view_version
                JOIN partitions ON partitions.stream = ANY (@lanes) AND partitions.partition = 0 AND coverage.partition = edition * {EditionLane.Width}
                CROSS JOIN generate_series(@known, @partitions - 1) AS added
            WHERE view_versions.stream = @stream;
            UPDATE generations SET boundary = {AddedPartitions.Append("boundary", "@zeros")} WHERE stream = @stream;
            UPDATE editions SET archived_to = {AddedPartitions.Append("archived_to", "@zeros")} WHERE stream = @stream AND archived_to IS NOT NULL;
            UPDATE streams SET partitions = @partitions, changes = changes + 1 WHERE stream = @stream;
            SELECT show_answers(@stream)
            """,
            new { stream, known, partitions, lanes, none = Array.Empty<int>(), zeros = AddedPartitions.Zeros(partitions - known) }).ConfigureAwait(false);
        return partitions - known;
    }
}

using Dapper;
using Lambda.Store.Postgres.Batch;
using Lambda.Store.Postgres.Database;
using Lambda.Store.Postgres.Tables;
using Lambda.Store.Relational;
using Lambda.Time;
using Lambda.Views;
using Npgsql;

namespace Lambda.Store.Postgres.Streams;

/// <summary>Editions of streams: their beginning, the change from one to another, and their end.</summary>
internal sealed class Editions(ViewCatalog catalog, StoreClock clock)
{
    /// <summary>The editions of a stream, by number.</summary>
    public static async ValueTask<IReadOnlyList<EditionInfo>> ReadAsync(NpgsqlConnection connection, string stream)
    {
        List<EditionRow> rows = [.. await connection.QueryAsync<EditionRow>(
            $"SELECT {EditionRow.Columns} FROM editions WHERE stream = @stream AND state <> '{EditionRow.Dropped}'", new { stream }).ConfigureAwait(false)];
        return rows.Count == 0
            ? []
            : LaneRow.Join(stream, rows, await connection.QueryAsync<LaneRow>(
                "SELECT stream AS Lane, partition, start_offset AS Start, next_offset AS NextOffset FROM partitions WHERE stream = ANY (@lanes)",
                new { lanes = rows.Select(row => EditionLane.Of(stream, row.Edition)).Append(stream).ToArray() }).ConfigureAwait(false));
    }

    /// <summary>Begins an edition.</summary>
    public async ValueTask<int> BeginAsync(NpgsqlConnection connection, string stream, IReadOnlyList<PartialLayout> views, Boundary archivedTo)
    {
        if ((await PartitionRows.LockAllAsync(connection, stream).ConfigureAwait(false)).Length == 0)
        {
            throw EditionRules.UnknownStream(stream);
        }

        await LockAsync(connection, stream).ConfigureAwait(false);
        EditionRules.RequireNoReplay(await ReadAsync(connection, stream).ConfigureAwait(false), stream);
        int[] ids = new int[views.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = (await catalog.FindAsync(connection, views[i]).ConfigureAwait(false)).Id;
        }

        Array.Sort(ids);
        int partitions = await connection.QuerySingleAsync<int>("SELECT partitions FROM streams WHERE stream = @stream", new { stream }).ConfigureAwait(false);
        int live = await PartitionRows.ReadEditionAsync(connection, stream).ConfigureAwait(false);
        await connection.ExecuteAsync(
            $"INSERT INTO editions VALUES (@stream, @live, 'Live', @none, NULL, {StoreClock.Sql}, NULL, NULL) ON CONFLICT DO NOTHING",
            new { stream, live, none = "{}", now = clock.Given }).ConfigureAwait(false);
        int edition = EditionRules.RequireNumber(stream, await connection.QuerySingleAsync<int>(
            "SELECT max(edition) + 1 FROM editions WHERE stream = @stream", new { stream }).ConfigureAwait(false));
        await connection.ExecuteAsync(
            $"""
            INSERT INTO editions VALUES (@stream, @edition, 'Replaying', @views, @archivedTo, {StoreClock.Sql}, NULL, NULL);
            INSERT INTO partitions (
                stream, partition, fence, epoch, epoch_start, next_offset, accepted, quarantined, seal_requested, start_offset, view_versions, edition)
            SELECT @lane, partition, 0, 0, start_offset, start_offset, 0, 0, false, start_offset, @ids, @edition FROM partitions WHERE stream = @stream;
            INSERT INTO coverage
            SELECT id, @first + partition, start_offset, NULL, NULL FROM partitions CROSS JOIN unnest(@ids) AS id WHERE stream = @stream;
            UPDATE streams SET changes = changes + 1 WHERE stream = @stream
            """,
            new
            {
                stream,
                edition,
                views = StoredJson.Write(views.ToDictionary(view => view.View, view => view.Version)),
                archivedTo = StoredJson.Write(AddedPartitions.Complete(archivedTo, partitions)),
                lane = EditionLane.Of(stream, edition),
                ids,
                first = EditionLane.Slot(edition, 0),
                now = clock.Given,
            }).ConfigureAwait(false);
        return edition;
    }

    /// <summary>How far an edition that does not answer may go.</summary>
    public static async ValueTask<FollowBound> ReadBoundAsync(NpgsqlConnection connection, string stream, int partition, long from)
    {
        long limit = await connection.QuerySingleAsync<long>(
            "SELECT next_offset FROM partitions WHERE stream = @stream AND partition = @partition", new { stream, partition }).ConfigureAwait(false);
        long[] boundaries = [.. (await connection.QueryAsync<string>(
            "SELECT boundary FROM generations WHERE stream = @stream AND state <> 'Rejected'", new { stream }).ConfigureAwait(false))
            .Select(boundary => StoredJson.ReadBoundary(boundary)[partition])];

        // No boundary can come to lie before those of the generations that are kept.
        long floor = boundaries.Length == 0 ? from : Math.Max(from, boundaries.Min());
        long? end = await connection.QuerySingleAsync<long?>(
            "SELECT min(end_offset) FROM sealed_epochs WHERE stream = @stream AND partition = @partition AND end_offset >= @floor",
            new { stream, partition, floor }).ConfigureAwait(false);
        return new FollowBound(limit, boundaries.Where(offset => offset >= from).Select(offset => (long?)offset).Append(end).Min());
    }

    /// <summary>Asks owners to commit nothing for a while.</summary>
    public async ValueTask<int> HoldAsync(NpgsqlConnection connection, BatchLease lease, TimeSpan duration)
    {
        await PartitionRows.LockAllAsync(connection, lease.Stream).ConfigureAwait(false);
        return await connection.ExecuteAsync(
            $"UPDATE partitions SET held_until = CASE WHEN @duration > 0 THEN {StoreClock.Sql} + @duration ELSE 0 END WHERE stream = @Stream",
            new { lease.Stream, duration = UtcMicroseconds.From(duration), now = clock.Given }).ConfigureAwait(false);
    }

    /// <summary>Has an edition answer.</summary>
    public async ValueTask<int> PromoteAsync(NpgsqlConnection connection, BatchLease lease, int edition, IReadOnlyList<PartialLayout> views)
    {
        string stream = lease.Stream;

        // From here on commits wait, so that nobody gets further before the change, and none is made to an edition that has become another.
        string lane = EditionLane.Of(stream, edition);
        await PartitionRows.LockAllAsync(connection, stream).ConfigureAwait(false);
        await PartitionRows.LockAllAsync(connection, lane).ConfigureAwait(false);
        await LockAsync(connection, stream).ConfigureAwait(false);
        IReadOnlyList<EditionInfo> editions = await ReadAsync(connection, stream).ConfigureAwait(false);
        EditionInfo next = EditionRules.RequireBeside(editions, stream, edition, "promoted");
        EditionRules.RequirePromotable(
            next,
            views,
            await StreamReads.ReadEpochsAsync(connection, lane).ConfigureAwait(false),
            await GenerationRows.ReadCurrentAsync(connection, stream).ConfigureAwait(false));
        int before = editions.Single(known => known.State == EditionState.Live).Edition;
        Dictionary<string, string> computed = (await connection.QueryAsync<(string View, string Version)>(
            """
            SELECT view_name, version FROM view_versions AS versions WHERE stream = @stream
                AND NOT EXISTS (SELECT 1 FROM partitions WHERE partitions.stream = @stream AND NOT versions.id = ANY (view_versions))
            """,
            new { stream }).ConfigureAwait(false)).ToDictionary(row => row.View, row => row.Version);
        await connection.ExecuteAsync(
            $"""
            UPDATE partitions SET stream = @aside, held_until = 0, changes = changes + 1 WHERE stream = @stream;
            UPDATE partitions SET stream = @stream, changes = changes + 1 WHERE stream = @lane;
            UPDATE sealed_epochs SET stream = @aside WHERE stream = @stream;
            UPDATE sealed_epochs SET stream = @stream WHERE stream = @lane;
            UPDATE editions SET state = 'Kept', left_at = {StoreClock.Sql}, views = @computed WHERE stream = @stream AND edition = @before;
            UPDATE editions SET state = 'Live', served_at = {StoreClock.Sql}, left_at = NULL WHERE stream = @stream AND edition = @edition;
            INSERT INTO coverage
            SELECT id, @first + partition, next_offset, next_offset, NULL
            FROM view_versions JOIN partitions ON partitions.stream = view_versions.stream WHERE partitions.stream = @stream
            ON CONFLICT DO NOTHING;
            SELECT show_answers(@stream)
            """,
            new
            {
                stream,
                aside = EditionLane.Of(stream, before),
                lane,
                before,
                edition,
                computed = StoredJson.Write(computed),
                first = EditionLane.Slot(edition, 0),
                now = clock.Given,
            }).ConfigureAwait(false);
        return 0;
    }

    /// <summary>Removes an edition.</summary>
    public static async ValueTask<int> DropAsync(NpgsqlConnection connection, string stream, int edition)
    {
        // Whoever is about to commit to it waits, and finds it gone.
        string lane = EditionLane.Of(stream, edition);
        await PartitionRows.LockAllAsync(connection, lane).ConfigureAwait(false);
        await LockAsync(connection, stream).ConfigureAwait(false);
        EditionRules.RequireBeside(await ReadAsync(connection, stream).ConfigureAwait(false), stream, edition, "dropped");
        foreach (ViewTable table in await ViewCatalog.ReadAsync(connection, stream).ConfigureAwait(false))
        {
            string held = EditionLane.Holds(edition);
            await connection.ExecuteAsync($"DELETE FROM {table.PackedName} WHERE {held}; DELETE FROM {table.SpeedRowsName} WHERE {held}").ConfigureAwait(false);
        }

        return await connection.ExecuteAsync(
            $"""
            DELETE FROM coverage USING view_versions WHERE id = view_version AND stream = @stream AND {EditionLane.Holds(edition)};
            DELETE FROM partitions WHERE stream = @lane;
            DELETE FROM sealed_epochs WHERE stream = @lane;
            UPDATE editions SET state = '{EditionRow.Dropped}' WHERE stream = @stream AND edition = @edition;
            UPDATE streams SET changes = changes + 1 WHERE stream = @stream
            """,
            new { stream, lane, edition }).ConfigureAwait(false);
    }

    /// <summary>Removes editions in whose place others have answered since before an instant.</summary>
    public static async ValueTask<int> ExpireAsync(NpgsqlConnection connection, string stream, long before)
    {
        int removed = 0;
        foreach (EditionInfo edition in (await ReadAsync(connection, stream).ConfigureAwait(false)).Where(
            edition => edition.State == EditionState.Kept && edition.LeftAt is { } left && UtcMicroseconds.From(left) < before))
        {
            removed += await DropAsync(connection, stream, edition.Edition).ConfigureAwait(false);
        }

        return removed;
    }

    /// <summary>
    /// Keeps others from changing the editions of a stream until the transaction ends. Whoever locks partitions as well locks those of the stream first, then
    /// those of another edition, and this last, as registrations do.
    /// </summary>
    private static Task<int> LockAsync(NpgsqlConnection connection, string stream) => connection.ExecuteAsync(
        "SELECT FROM streams WHERE stream = @stream FOR UPDATE", new { stream });
}

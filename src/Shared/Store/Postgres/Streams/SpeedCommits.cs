using Dapper;
using Lambda.Events;
using Lambda.Store.Postgres.Columns;
using Lambda.Store.Postgres.Database;
using Lambda.Store.Postgres.Tables;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;
using Npgsql;

namespace Lambda.Store.Postgres.Streams;

/// <summary>Claims of partitions, and the commits of their owners.</summary>
internal sealed class SpeedCommits(ViewCatalog catalog, StoreClock clock, int pieceSize)
{
    /// <summary>
    /// So many partials go to the database as arrays with the statement that takes them, which saves the way to a stage and back. More are copied there:
    /// an array has to fit into the memory of the server, whatever the size of the states. More that are known to be new are copied straight to their table.
    /// </summary>
    private const int MostSent = 1024;

    private const string SealSql = $"INSERT INTO sealed_epochs VALUES (@stream, @partition, @epoch, @start, @end, {StoreClock.Sql}, @maxEventTime)";

    /// <summary>Makes the caller the owner.</summary>
    public async ValueTask<PartitionClaim> ClaimAsync(NpgsqlConnection connection, string stream, int partition)
    {
        OwnedPartitionRow row = await PartitionRows.LockAsync(connection, stream, partition, clock).ConfigureAwait(false);
        PartitionClaim claim = row.NextClaim(stream, partition);
        if (row.NextOffset > row.EpochStart)
        {
            await connection.ExecuteAsync(
                SealSql,
                new
                {
                    stream,
                    partition,
                    epoch = row.Epoch,
                    start = row.EpochStart,
                    end = row.NextOffset,
                    now = clock.Given,
                    maxEventTime = row.MaxEventTime,
                }).ConfigureAwait(false);
        }

        await connection.ExecuteAsync(
            """
            UPDATE partitions SET fence = fence + 1, epoch = @Epoch, epoch_start = next_offset, seal_requested = false,
                changes = changes + 1
            WHERE stream = @stream AND partition = @partition
            """,
            new { claim.Epoch, stream, partition }).ConfigureAwait(false);
        await Coverage.GoOnWithAsync(connection, stream, partition, row, catalog.RegisteredOf(stream), clock).ConfigureAwait(false);
        return claim;
    }

    /// <summary>Writes a commit.</summary>
    public async ValueTask<SealRequest> CommitAsync(NpgsqlConnection connection, SpeedCommit commit)
    {
        OwnedPartitionRow row = await PartitionRows.LockAsync(connection, commit.Stream, commit.Partition, clock).ConfigureAwait(false);
        CommitRules.Check(commit, row);
        await Coverage
            .GoOnWithAsync(connection, commit.Stream, commit.Partition, row, catalog.RegisteredOf(commit.Stream), clock).ConfigureAwait(false);
        await using NpgsqlBatch last = new(connection);
        await AddTouchedAsync(connection, commit, row, last).ConfigureAwait(false);
        await QuarantineTable.AddAsync(connection, QuarantineTable.SpeedLayer, commit.Quarantine).ConfigureAwait(false);
        bool seals = commit.EpochEnd == EpochEnd.Seal;
        if (seals && commit.NextOffset > row.EpochStart)
        {
            await connection.ExecuteAsync(
                SealSql,
                new
                {
                    stream = commit.Stream,
                    partition = commit.Partition,
                    epoch = row.Epoch,
                    start = row.EpochStart,
                    end = commit.NextOffset,
                    now = clock.Given,
                    maxEventTime = commit.MaxEventTime,
                }).ConfigureAwait(false);
        }

        last.BatchCommands.Add(Advance(commit, row, seals));
        await last.ExecuteNonQueryAsync().ConfigureAwait(false);
        return row.RequestAfter(commit.EpochEnd);
    }

    /// <summary>
    /// The partials of a partition that came in time and whose live session is within a bound. Event times of a partition never go back from epoch to
    /// epoch, so that only the last ones are looked at: an index on the ends of sessions would have every update of a partial touch all indexes.
    /// </summary>
    public async ValueTask<PartialBatch> ReadLiveSessionsAsync(
        NpgsqlConnection connection, PartialLayout view, string lane, int partition, LiveSessionBound bound)
    {
        ViewTable table = await catalog.FindAsync(connection, view).ConfigureAwait(false);
        long? last = await connection.QuerySingleAsync<long?>(
            "SELECT max(epoch) FROM sealed_epochs WHERE stream = @lane AND partition = @partition AND max_event_time < @LeastLastEvent",
            new { lane, partition, bound.LeastLastEvent }).ConfigureAwait(false);
        int edition = (await PartitionRows.ReadAsync(connection, lane, partition, clock).ConfigureAwait(false)).Edition;

        // Written out, so that the planner sees how few epochs are left.
        PartialFilter filter = PartialFilter
            .Of($"partition = {EditionLane.Slot(edition, partition)} AND epoch > {last ?? 0} AND missed = 0")
            .And($"{ViewTable.LiveEnd} >= @leastEnd", PostgresInstant.Bound("leastEnd", bound.LeastEnd));
        return await PartialScan.ReadAllAsync(connection, table, table.SpeedName, filter).ConfigureAwait(false);
    }

    /// <summary>Unpacks a piece of what a backlog has brought.</summary>
    /// <returns>How many partials were unpacked.</returns>
    public async ValueTask<int> IndexAsync(NpgsqlConnection connection, PartialLayout view, string lane, int partition)
    {
        ViewTable table = await catalog.FindAsync(connection, view).ConfigureAwait(false);
        int edition = (await PartitionRows.ReadAsync(connection, lane, partition, clock).ConfigureAwait(false)).Edition;
        return await PackedPartials.UnpackPieceAsync(connection, table, EditionLane.Slot(edition, partition)).ConfigureAwait(false);
    }

    /// <summary>Adds what brings the touched partials in to the commands that end the commit.</summary>
    private async ValueTask AddTouchedAsync(NpgsqlConnection connection, SpeedCommit commit, PartitionRow before, NpgsqlBatch last)
    {
        foreach (PartialBatch partials in commit.Partials.Where(partials => partials.Count > 0))
        {
            ViewTable table = await catalog.FindAsync(connection, partials.Layout).ConfigureAwait(false);
            int slot = EditionLane.Slot(commit.Edition, commit.Partition);
            if (PackedPartials.Takes(commit, before, partials, pieceSize))
            {
                PackedPartials.Add(last, table, slot, commit.Epoch, partials, pieceSize);
                continue;
            }

            int merged = partials.Count;
            if (merged - partials.FirstNew > MostSent)
            {
                merged = partials.FirstNew;
                await PartialCopy.AddToEpochAsync(connection, table, slot, commit.Epoch, partials).ConfigureAwait(false);
                if (merged == 0)
                {
                    continue;
                }
            }

            bool sent = merged <= MostSent;
            if (!sent)
            {
                await connection.ExecuteAsync(table.CreateStageSql).ConfigureAwait(false);
                await PartialCopy.StageAsync(connection, table, partials, merged).ConfigureAwait(false);
            }

            PartialUpdate update = sent ? table.Given : table.Staged;
            NpgsqlParameter[] arrays = sent ? PartialArrays.Of(partials, 0, merged) : [];
            if (partials.EventCounts.Values[..merged].Contains(0))
            {
                last.BatchCommands.Add(OnEpoch(update.RemoveSql, commit, arrays.Select(array => array.Clone())));
            }

            last.BatchCommands.Add(OnEpoch(update.ReplaceSql, commit, arrays));
        }
    }

    private static NpgsqlBatchCommand OnEpoch(string sql, SpeedCommit commit, IEnumerable<NpgsqlParameter> arrays)
    {
        NpgsqlBatchCommand command = new(sql)
        {
            Parameters =
            {
                new NpgsqlParameter<int> { TypedValue = EditionLane.Slot(commit.Edition, commit.Partition) },
                new NpgsqlParameter<long> { TypedValue = commit.Epoch },
            },
        };
        foreach (NpgsqlParameter array in arrays)
        {
            command.Parameters.Add(array);
        }

        return command;
    }

    private NpgsqlBatchCommand Advance(SpeedCommit commit, PartitionRow row, bool seals) => new(
        """
        UPDATE partitions SET next_offset = $1, max_event_time = $2,
            last_appended_at = coalesce($3, last_appended_at),
            committed_at = CASE WHEN $3 IS NULL THEN committed_at
                ELSE coalesce($4, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) END,
            accepted = accepted + $5, quarantined = quarantined + $6,
            epoch = $7, epoch_start = $8, seal_requested = seal_requested AND NOT $9, changes = changes + 1
        WHERE stream = $10 AND partition = $11
        """)
    {
        Parameters =
        {
            new NpgsqlParameter<long> { TypedValue = commit.NextOffset },
            Nullable(commit.MaxEventTime),
            Nullable(commit.LastAppendedAt),
            Nullable(clock.Given),
            new NpgsqlParameter<long> { TypedValue = commit.Tally.Accepted },
            new NpgsqlParameter<long> { TypedValue = commit.Tally.Quarantined },
            new NpgsqlParameter<long> { TypedValue = seals ? row.Epoch + 1 : row.Epoch },
            new NpgsqlParameter<long> { TypedValue = seals ? commit.NextOffset : row.EpochStart },
            new NpgsqlParameter<bool> { TypedValue = seals },
            new NpgsqlParameter<string> { TypedValue = commit.Stream },
            new NpgsqlParameter<int> { TypedValue = commit.Partition },
        },
    };

    private static NpgsqlParameter Nullable(long? value) =>
        new() { NpgsqlDbType = PostgresTypes.Of(ColumnType.Int64), Value = value is { } present ? present : DBNull.Value };
}

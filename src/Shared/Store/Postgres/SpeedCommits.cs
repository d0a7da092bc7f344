using Dapper;
using Lambda.Events;
using Lambda.Store.Postgres.Columns;
using Lambda.Store.Relational;
using Lambda.Views;
using Npgsql;

namespace Lambda.Store.Postgres;

/// <summary>Claims of partitions, and the commits of their owners.</summary>
internal sealed class SpeedCommits(ViewCatalog catalog, StoreClock clock)
{
    private const string SealSql = $"INSERT INTO sealed_epochs VALUES (@stream, @partition, @epoch, @start, @end, {StoreClock.Sql})";

    /// <summary>Makes the caller the owner.</summary>
    public async ValueTask<PartitionClaim> ClaimAsync(NpgsqlConnection connection, string stream, int partition)
    {
        OwnedPartitionRow row = await PartitionRows.LockAsync(connection, stream, partition).ConfigureAwait(false);
        PartitionClaim claim = row.NextClaim(partition);
        if (row.NextOffset > row.EpochStart)
        {
            await connection.ExecuteAsync(
                SealSql, new { stream, partition, epoch = row.Epoch, start = row.EpochStart, end = row.NextOffset, now = clock.Given }).ConfigureAwait(false);
        }

        await connection.ExecuteAsync(
            """
            UPDATE partitions SET fence = fence + 1, epoch = @Epoch, epoch_start = next_offset, seal_requested = false
            WHERE stream = @stream AND partition = @partition
            """,
            new { claim.Epoch, stream, partition }).ConfigureAwait(false);
        await Coverage.GoOnWithAsync(connection, stream, partition, row, catalog.RegisteredOf(stream), clock).ConfigureAwait(false);
        return claim;
    }

    /// <summary>Writes a commit.</summary>
    public async ValueTask<SealRequest> CommitAsync(NpgsqlConnection connection, SpeedCommit commit)
    {
        OwnedPartitionRow row = await PartitionRows.LockAsync(connection, commit.Stream, commit.Partition).ConfigureAwait(false);
        CommitRules.Check(commit, row);
        await Coverage
            .GoOnWithAsync(connection, commit.Stream, commit.Partition, row, catalog.RegisteredOf(commit.Stream), clock).ConfigureAwait(false);
        await using NpgsqlBatch last = new(connection);
        await StageAsync(connection, commit, last).ConfigureAwait(false);
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
                }).ConfigureAwait(false);
        }

        last.BatchCommands.Add(Advance(commit, row, seals));
        await last.ExecuteNonQueryAsync().ConfigureAwait(false);
        return seals ? SealRequest.None : row.SealRequest;
    }

    /// <summary>The partials of a partition that came in time and whose live session ends at an instant or later.</summary>
    public async ValueTask<PartialBatch> ReadLiveSessionsAsync(NpgsqlConnection connection, PartialLayout view, int partition, long endingAt)
    {
        ViewTable table = await catalog.FindAsync(connection, view).ConfigureAwait(false);
        PartialFilter filter = PartialFilter
            .Of("partition = @partition AND missed = 0", new NpgsqlParameter<int>("partition", partition))
            .And($"{ViewTable.LiveEnd} >= @endingAt", PostgresInstant.Bound("endingAt", endingAt));
        return await PartialScan.ReadAllAsync(connection, table, table.SpeedName, filter).ConfigureAwait(false);
    }

    /// <summary>Copies the touched partials to their stages, and adds what takes them from there to the commands that end the commit.</summary>
    private async ValueTask StageAsync(NpgsqlConnection connection, SpeedCommit commit, NpgsqlBatch last)
    {
        List<(ViewTable Table, PartialBatch Partials)> touched = [];
        foreach (PartialBatch partials in commit.Partials.Where(partials => partials.Count > 0))
        {
            touched.Add((await catalog.FindAsync(connection, partials.Layout).ConfigureAwait(false), partials));
        }

        if (touched.Count == 0)
        {
            return;
        }

        await using (NpgsqlBatch stages = new(connection))
        {
            foreach ((ViewTable table, _) in touched)
            {
                stages.BatchCommands.Add(new NpgsqlBatchCommand(table.CreateStageSql));
            }

            await stages.ExecuteNonQueryAsync().ConfigureAwait(false);
        }

        foreach ((ViewTable table, PartialBatch partials) in touched)
        {
            await PartialCopy.StageAsync(connection, table, partials).ConfigureAwait(false);
            if (partials.EventCounts.Values.Contains(0))
            {
                last.BatchCommands.Add(OnEpoch(table.RemoveSql, commit));
            }

            last.BatchCommands.Add(OnEpoch(table.ReplaceSql, commit));
        }
    }

    private static NpgsqlBatchCommand OnEpoch(string sql, SpeedCommit commit) => new(sql)
    {
        Parameters = { new NpgsqlParameter<int> { TypedValue = commit.Partition }, new NpgsqlParameter<long> { TypedValue = commit.Epoch } },
    };

    private NpgsqlBatchCommand Advance(SpeedCommit commit, PartitionRow row, bool seals) => new(
        """
        UPDATE partitions SET next_offset = $1, max_event_time = $2,
            last_appended_at = coalesce($3, last_appended_at),
            committed_at = CASE WHEN $3 IS NULL THEN committed_at
                ELSE coalesce($4, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) END,
            accepted = accepted + $5, quarantined = quarantined + $6,
            epoch = $7, epoch_start = $8, seal_requested = seal_requested AND NOT $9
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

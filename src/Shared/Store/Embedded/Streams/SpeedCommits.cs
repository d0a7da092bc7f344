using Dapper;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Lambda.Store.Embedded.Tables;
using Lambda.Store.Embedded.Vectors;
using Lambda.Store.Relational;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Store.Embedded.Streams;

/// <summary>Claims of partitions, and the commits of their owners.</summary>
internal sealed class SpeedCommits(ViewCatalog catalog, TimeProvider time)
{
    /// <summary>Makes the caller the owner.</summary>
    public PartitionClaim Claim(DuckDBConnection connection, string stream, int partition)
    {
        PartitionRow row = PartitionRows.Read(connection, stream, partition, time.Now());
        PartitionClaim claim = row.NextClaim(stream, partition);
        if (row.NextOffset > row.EpochStart)
        {
            Seal(connection, stream, partition, row, row.NextOffset);
        }

        connection.Execute(
            """
            UPDATE partitions SET fence = fence + 1, epoch = $epoch, epoch_start = next_offset, seal_requested = false
            WHERE stream = $stream AND partition = $partition
            """,
            new { epoch = claim.Epoch, stream, partition });
        return claim;
    }

    /// <summary>Writes a commit.</summary>
    public SealRequest Commit(DuckDBConnection connection, SpeedCommit commit)
    {
        PartitionRow row = PartitionRows.Read(connection, commit.Stream, commit.Partition, time.Now());
        CommitRules.Check(commit, row);
        foreach (PartialBatch partials in commit.Partials)
        {
            if (partials.Count > 0)
            {
                Write(connection, commit, partials);
            }
        }

        QuarantineTable.Add(connection, QuarantineTable.SpeedLayer, commit.Quarantine);
        bool seals = commit.EpochEnd == EpochEnd.Seal;
        if (seals && commit.NextOffset > row.EpochStart)
        {
            Seal(connection, commit.Stream, commit.Partition, row, commit.NextOffset);
        }

        connection.Execute(
            """
            UPDATE partitions SET next_offset = $next, max_event_time = $maxEventTime,
                last_appended_at = coalesce($appendedAt, last_appended_at),
                committed_at = CASE WHEN $appendedAt IS NULL THEN committed_at ELSE $now END,
                accepted = accepted + $accepted, quarantined = quarantined + $quarantined,
                epoch = $epoch, epoch_start = $epochStart, seal_requested = seal_requested AND NOT $seals
            WHERE stream = $stream AND partition = $partition
            """,
            new
            {
                next = commit.NextOffset,
                maxEventTime = commit.MaxEventTime,
                appendedAt = commit.LastAppendedAt,
                now = time.Now(),
                accepted = commit.Tally.Accepted,
                quarantined = commit.Tally.Quarantined,
                epoch = seals ? row.Epoch + 1 : row.Epoch,
                epochStart = seals ? commit.NextOffset : row.EpochStart,
                seals,
                stream = commit.Stream,
                partition = commit.Partition,
            });
        return row.RequestAfter(commit.EpochEnd);
    }

    /// <summary>Whether somebody waits for the partition's epoch to end.</summary>
    public SealRequest ReadSealRequest(DuckDBConnection connection, string stream, int partition) =>
        PartitionRows.Read(connection, stream, partition, time.Now()).SealRequest;

    /// <summary>
    /// The partials of a partition that came in time and whose live session is within a bound. DuckDB knows the least and the greatest end of each
    /// run of rows, and passes over those of long ago.
    /// </summary>
    public PartialBatch ReadLiveSessions(DuckDBConnection connection, PartialLayout view, string lane, int partition, LiveSessionBound bound)
    {
        ViewTable table = catalog.Find(view);
        int slot = EditionLane.Slot(PartitionRows.Read(connection, lane, partition, time.Now()).Edition, partition);
        return PartialScan.ReadAll(
            connection,
            table,
            table.SpeedName,
            [$"partition = {slot}", "missed = 0", .. SqlLiteral.AtOrAfter(ViewTable.LiveEnd, bound.LeastEnd)]);
    }

    private void Seal(DuckDBConnection connection, string stream, int partition, PartitionRow row, long end) => connection.Execute(
        "INSERT INTO sealed_epochs VALUES ($stream, $partition, $epoch, $start, $end, $now)",
        new { stream, partition, epoch = row.Epoch, start = row.EpochStart, end, now = time.Now() });

    /// <summary>Writes the touched partials. What cannot be there yet is appended as it is, without a look at what is.</summary>
    private void Write(DuckDBConnection connection, SpeedCommit commit, PartialBatch partials)
    {
        ViewTable table = catalog.Find(partials.Layout);
        if (partials.FirstNew > 0)
        {
            Replace(connection, commit, table, partials);
        }

        if (partials.FirstNew < partials.Count)
        {
            ChunkAppend.Run(
                connection,
                null,
                table.SpeedName,
                [
                    new ConstantVectorWriter<int>(DuckDBType.Integer, EditionLane.Slot(commit.Edition, commit.Partition)),
                    new ConstantVectorWriter<long>(DuckDBType.BigInt, commit.Epoch),
                    .. ViewTable.Writers(partials),
                ],
                partials.FirstNew,
                partials.Count - partials.FirstNew);
        }
    }

    /// <summary>
    /// Deletes what has the same address and inserts the new state, unless it is of no events and only says that the old one is no more. An update in place of scattered rows takes DuckDB many times longer than
    /// this, and its cost grows with each further update of the same rows.
    /// </summary>
    private static void Replace(DuckDBConnection connection, SpeedCommit commit, ViewTable table, PartialBatch partials)
    {
        int slot = EditionLane.Slot(commit.Edition, commit.Partition);
        connection.Execute(table.CreateStageSql);
        ChunkAppend.Run(connection, "temp", table.StageName, ViewTable.Writers(partials), 0, partials.FirstNew);
        string sameKey = string.Concat(
            table.KeyColumns.Concat(table.PositionColumns).Select(part => $" AND kept.{part} IS NOT DISTINCT FROM staged.{part}"));
        connection.Execute(
            $"""
            DELETE FROM {table.SpeedName} AS kept USING temp.{table.StageName} AS staged
            WHERE kept.partition = {slot} AND kept.epoch = {commit.Epoch}
                AND kept.slice_start = staged.slice_start AND kept.missed = staged.missed{sameKey}
            """);
        connection.Execute(
            $"""
            INSERT INTO {table.SpeedName} (partition, epoch, {table.PartialColumns})
            SELECT {slot}, {commit.Epoch}, {table.PartialColumns} FROM temp.{table.StageName} WHERE events > 0
            """);
    }
}

using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Embedded.Tables;

namespace Lambda.Store.Embedded.Database;

/// <summary>The steps that bring a database from any earlier layout to the present one. A step, once released, is never changed.</summary>
internal static class Migrations
{
    /// <summary>
    /// No table has an index or a constraint that needs one: there is one writer and it looks before it writes, null key parts must equal
    /// one another, and an index would have to be loaded at every start. Times are UTC microseconds.
    /// </summary>
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE streams (
            stream VARCHAR NOT NULL, partitions INTEGER NOT NULL, last_generation BIGINT NOT NULL, comparable_from BIGINT NOT NULL);
        CREATE TABLE partitions (
            stream VARCHAR NOT NULL, partition INTEGER NOT NULL, fence BIGINT NOT NULL, epoch BIGINT NOT NULL, epoch_start BIGINT NOT NULL,
            next_offset BIGINT NOT NULL, max_event_time BIGINT, last_appended_at BIGINT, committed_at BIGINT,
            accepted BIGINT NOT NULL, quarantined BIGINT NOT NULL, seal_requested BOOLEAN NOT NULL);
        CREATE TABLE sealed_epochs (
            stream VARCHAR NOT NULL, partition INTEGER NOT NULL, epoch BIGINT NOT NULL,
            start_offset BIGINT NOT NULL, end_offset BIGINT NOT NULL, sealed_at BIGINT NOT NULL);
        CREATE TABLE view_versions (
            id INTEGER NOT NULL, stream VARCHAR NOT NULL, view_name VARCHAR NOT NULL, version VARCHAR NOT NULL, layout VARCHAR NOT NULL,
            coverage VARCHAR NOT NULL, withdrawn_at BIGINT, withdrawn_offsets VARCHAR);
        CREATE TABLE leases (stream VARCHAR NOT NULL, owner VARCHAR, fence BIGINT NOT NULL, runs_out_at BIGINT NOT NULL);
        CREATE TABLE generations (
            stream VARCHAR NOT NULL, generation BIGINT NOT NULL, state VARCHAR NOT NULL, history_version BIGINT NOT NULL,
            boundary VARCHAR NOT NULL, views VARCHAR NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT, superseded_at BIGINT);
        CREATE TABLE audits (
            stream VARCHAR NOT NULL, generation BIGINT NOT NULL, audited_at BIGINT NOT NULL, outcome VARCHAR NOT NULL, checks VARCHAR NOT NULL);
        CREATE TABLE corrections (
            view_version INTEGER NOT NULL, generation BIGINT NOT NULL, published_at BIGINT NOT NULL, group_key VARCHAR NOT NULL,
            window_start BIGINT NOT NULL, window_end BIGINT NOT NULL, before_result VARCHAR, after_result VARCHAR,
            late BIGINT NOT NULL, duplicates BIGINT NOT NULL, quarantined BIGINT NOT NULL, unexplained BIGINT NOT NULL);
        CREATE TABLE quarantine (
            stream VARCHAR NOT NULL, partition INTEGER NOT NULL, position BIGINT NOT NULL, layer VARCHAR NOT NULL,
            appended_at BIGINT NOT NULL, reason VARCHAR NOT NULL, detail VARCHAR NOT NULL, record_key BLOB NOT NULL, record_value BLOB NOT NULL);
        """,
        """
        ALTER TABLE corrections ADD COLUMN first_partition INTEGER;
        ALTER TABLE corrections ADD COLUMN first_offset BIGINT;
        """,
        """
        ALTER TABLE view_versions ADD COLUMN comparable_from BIGINT;
        UPDATE view_versions SET comparable_from = streams.comparable_from FROM streams WHERE streams.stream = view_versions.stream;
        ALTER TABLE streams DROP COLUMN comparable_from;
        """,
        """
        CREATE TABLE log_gaps (
            stream VARCHAR NOT NULL, partition INTEGER NOT NULL, start_offset BIGINT NOT NULL, end_offset BIGINT NOT NULL, accepted_at BIGINT NOT NULL);
        ALTER TABLE partitions ADD COLUMN start_offset BIGINT DEFAULT 0;
        """,
        """
        CREATE TABLE metrics (
            stream VARCHAR NOT NULL, metric VARCHAR NOT NULL, generation BIGINT NOT NULL, measured_at BIGINT NOT NULL, figure DOUBLE NOT NULL,
            distribution VARCHAR);
        """,
        """
        ALTER TABLE generations ADD COLUMN root BIGINT;
        ALTER TABLE generations ADD COLUMN is_branched BOOLEAN DEFAULT false;
        CREATE TABLE generation_bases (stream VARCHAR NOT NULL, generation BIGINT NOT NULL, basis VARCHAR NOT NULL);
        CREATE TABLE removed_events (
            stream VARCHAR NOT NULL, generation BIGINT NOT NULL, partition INTEGER NOT NULL, position BIGINT NOT NULL, replaced_by BIGINT NOT NULL);
        """,
        """
        ALTER TABLE partitions ADD COLUMN edition INTEGER DEFAULT 0;
        ALTER TABLE partitions ADD COLUMN held_until BIGINT DEFAULT 0;
        CREATE TABLE editions (
            stream VARCHAR NOT NULL, edition INTEGER NOT NULL, state VARCHAR NOT NULL, views VARCHAR NOT NULL, coverage VARCHAR NOT NULL,
            archived_to VARCHAR, started_at BIGINT NOT NULL, served_at BIGINT, left_at BIGINT);
        """,

        // Nothing but what follows.
        "",
        """
        ALTER TABLE quarantine ADD COLUMN value_bytes BIGINT;
        CREATE TABLE quarantine_pieces (
            stream VARCHAR NOT NULL, partition INTEGER NOT NULL, position BIGINT NOT NULL, layer VARCHAR NOT NULL, is_key BOOLEAN NOT NULL,
            number INTEGER NOT NULL, piece BLOB NOT NULL);
        """,
    ];

    /// <summary>The steps that are followed by one for the tables of every view version.</summary>
    private const int SharedRowsStep = 6;

    /// <inheritdoc cref="SharedRowsStep"/>
    private const int SplitIntegersStep = 8;

    /// <summary>Applies the steps that the database has not seen, all in one transaction.</summary>
    /// <exception cref="ViewStoreException">A newer version of the program has written the database.</exception>
    public static void Apply(DuckDBConnection connection, string path)
    {
        connection.Execute("BEGIN TRANSACTION");
        connection.Execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
        int found = connection.ExecuteScalar<int?>("SELECT max(version) FROM schema_version") ?? 0;
        if (found > Steps.Length)
        {
            throw new ViewStoreException(
                $"'{path}' has version {found} of the store's layout, and this program knows versions up to {Steps.Length}. Use the newer "
                + "program that has written it, or another data folder.");
        }

        for (int version = found + 1; version <= Steps.Length; version++)
        {
            if (Steps[version - 1] is { Length: > 0 } step)
            {
                connection.Execute(step);
            }

            foreach (int id in connection.Query<int>("SELECT id FROM view_versions").ToList())
            {
                ChangeTables(connection, version, id);
            }

            connection.Execute("INSERT INTO schema_version VALUES ($version)", new { version });
        }

        connection.Execute("COMMIT");
    }

    /// <summary>What a step does to the tables of a view version.</summary>
    private static void ChangeTables(DuckDBConnection connection, int version, int id)
    {
        if (version == SharedRowsStep)
        {
            connection.Execute($"ALTER TABLE batch_{id} ADD COLUMN {ViewTable.ReplacedBySql}");
        }
        else if (version == SplitIntegersStep)
        {
            SplitIntegers.In(connection, $"speed_{id}");
            SplitIntegers.In(connection, $"batch_{id}");
        }
    }
}

using Dapper;
using Lambda.Store.Postgres.Answers;
using Lambda.Store.Postgres.Tables;
using Npgsql;

namespace Lambda.Store.Postgres.Database;

/// <summary>The steps that bring a schema from any earlier layout to the present one. A step, once released, is never changed.</summary>
internal static class Migrations
{
    // Two programs that begin at the same moment must not both apply a step. The first number tells the lock from locks of others, the second is the schema.
    private const int LockClass = 0x4C414D42;

    /// <summary>
    /// Times of control tables are UTC microseconds, as in the ports. Offsets of partitions and the boundary are read and written together, so lists of them
    /// are one text. <c>{schema}</c> stands for the schema of the store.
    /// </summary>
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE streams (
            stream text COLLATE "C" PRIMARY KEY, partitions integer NOT NULL, last_generation bigint NOT NULL);
        CREATE TABLE partitions (
            stream text COLLATE "C" NOT NULL, partition integer NOT NULL, fence bigint NOT NULL, epoch bigint NOT NULL, epoch_start bigint NOT NULL,
            next_offset bigint NOT NULL, max_event_time bigint, last_appended_at bigint, committed_at bigint,
            accepted bigint NOT NULL, quarantined bigint NOT NULL, seal_requested boolean NOT NULL, start_offset bigint NOT NULL,
            view_versions integer[] NOT NULL,
            PRIMARY KEY (stream, partition)) WITH (fillfactor = 50);
        CREATE TABLE sealed_epochs (
            stream text COLLATE "C" NOT NULL, partition integer NOT NULL, epoch bigint NOT NULL,
            start_offset bigint NOT NULL, end_offset bigint NOT NULL, sealed_at bigint NOT NULL,
            PRIMARY KEY (stream, partition, epoch));
        CREATE TABLE view_versions (
            id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream text COLLATE "C" NOT NULL, view_name text COLLATE "C" NOT NULL,
            version text COLLATE "C" NOT NULL, layout text NOT NULL, comparable_from bigint NOT NULL,
            UNIQUE (stream, view_name, version));
        CREATE TABLE coverage (
            view_version integer NOT NULL REFERENCES view_versions, partition integer NOT NULL,
            covered_from bigint NOT NULL, covered_to bigint, left_at bigint,
            PRIMARY KEY (view_version, partition));
        CREATE TABLE leases (stream text COLLATE "C" PRIMARY KEY, owner text, fence bigint NOT NULL, runs_out_at bigint NOT NULL);
        CREATE TABLE generations (
            stream text COLLATE "C" NOT NULL, generation bigint NOT NULL, state text NOT NULL, history_version bigint NOT NULL,
            boundary text NOT NULL, views text NOT NULL, started_at bigint NOT NULL, ended_at bigint, superseded_at bigint,
            PRIMARY KEY (stream, generation));
        CREATE UNIQUE INDEX generations_current ON generations (stream) WHERE state = 'Current';
        CREATE TABLE audits (
            stream text COLLATE "C" NOT NULL, generation bigint NOT NULL, audited_at bigint NOT NULL, outcome text NOT NULL, checks text NOT NULL);
        CREATE INDEX audits_newest ON audits (stream, audited_at DESC, generation DESC);
        CREATE TABLE corrections (
            view_version integer NOT NULL REFERENCES view_versions, generation bigint NOT NULL, published_at bigint NOT NULL,
            group_key text COLLATE "C" NOT NULL, window_start bigint NOT NULL, window_end bigint NOT NULL, before_result text, after_result text,
            late bigint NOT NULL, duplicates bigint NOT NULL, quarantined bigint NOT NULL, unexplained bigint NOT NULL,
            first_partition integer, first_offset bigint);
        CREATE INDEX corrections_newest ON corrections (view_version, generation DESC, window_start);
        CREATE TABLE quarantine (
            stream text COLLATE "C" NOT NULL, partition integer NOT NULL, position bigint NOT NULL, layer text COLLATE "C" NOT NULL,
            appended_at bigint NOT NULL, reason text NOT NULL, detail text NOT NULL, record_key bytea NOT NULL, record_value bytea NOT NULL,
            PRIMARY KEY (stream, partition, position, layer));
        CREATE INDEX quarantine_newest ON quarantine (stream, appended_at DESC, partition, position DESC, layer DESC);
        CREATE TABLE quarantine_counts (
            stream text COLLATE "C" NOT NULL, partition integer NOT NULL, reason text COLLATE "C" NOT NULL, records bigint NOT NULL,
            PRIMARY KEY (stream, partition, reason)) WITH (fillfactor = 50);
        CREATE TABLE log_gaps (
            stream text COLLATE "C" NOT NULL, partition integer NOT NULL, start_offset bigint NOT NULL, end_offset bigint NOT NULL,
            accepted_at bigint NOT NULL, PRIMARY KEY (stream, partition, start_offset, end_offset));
        """,
        """
        ALTER TABLE streams ADD COLUMN changes bigint NOT NULL DEFAULT 0;
        ALTER TABLE partitions ADD COLUMN changes bigint NOT NULL DEFAULT 0;
        """,
        AnswerSchema.CreateSql,
        "ALTER TABLE streams ADD COLUMN log uuid;",
        """
        CREATE TABLE metrics (
            stream text COLLATE "C" NOT NULL, metric text COLLATE "C" NOT NULL, generation bigint NOT NULL, measured_at bigint NOT NULL,
            figure double precision NOT NULL, distribution text,
            PRIMARY KEY (stream, metric, generation));
        """,
        $"""
        ALTER TABLE generations ADD COLUMN root bigint, ADD COLUMN is_branched boolean NOT NULL DEFAULT false;
        UPDATE generations SET root = generation;
        ALTER TABLE generations ALTER COLUMN root SET NOT NULL;
        CREATE TABLE generation_bases (
            stream text COLLATE "C" NOT NULL, generation bigint NOT NULL, basis text NOT NULL, PRIMARY KEY (stream, generation));
        CREATE TABLE removed_events (
            stream text COLLATE "C" NOT NULL, generation bigint NOT NULL, partition integer NOT NULL, position bigint NOT NULL, {ViewTable.ReplacedBySql});
        CREATE INDEX removed_events_of ON removed_events (stream, generation);
        DO $body$
        DECLARE
            version integer;
        BEGIN
            FOR version IN SELECT id FROM view_versions LOOP
                EXECUTE format('ALTER TABLE batch_%s ADD COLUMN {ViewTable.ReplacedBySql}', version);
                EXECUTE format('DROP INDEX batch_%s_key, batch_%s_time', version, version);
                EXECUTE replace('{ViewTable.IndexSql("{batch}")}', '{"{batch}"}', 'batch_' || version);
            END LOOP;
        END $body$;

        """ + AnswerSchema.ShareRowsSql,

        // Not known of epochs that were sealed before; those that follow tell that they are no later.
        "ALTER TABLE sealed_epochs ADD COLUMN max_event_time bigint;",
        AnswerSchema.LetReadersPassSql,
        AnswerSchema.TellEditionsApartSql,
        "DROP INDEX audits_newest; CREATE INDEX audits_newest ON audits (stream, generation DESC, audited_at DESC);",
        PackedPartials.CreateFunctionSql + PackedPartials.AddToAllSql + "CREATE INDEX sealed_epochs_start ON sealed_epochs (stream, partition, start_offset);",
    ];

    /// <summary>Applies the steps that the schema has not seen, each in one transaction with its number. Without any it changes nothing.</summary>
    /// <exception cref="ViewStoreException">A newer version of the program has written the schema.</exception>
    public static async Task ApplyAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        // A role that may only read gets no further than this, and needs no more.
        if (await ReadVersionAsync(connection, schema).ConfigureAwait(false) is { } found && !IsOld(found, schema))
        {
            return;
        }

        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(@LockClass, hashtext(@schema))", new { LockClass, schema }).ConfigureAwait(false);
        int version = await ReadVersionAsync(connection, schema).ConfigureAwait(false) ?? 0;
        if (IsOld(version, schema))
        {
            // A schema that somebody has made for the role, who may not make schemas itself, is as good.
            foreach (string name in (string[])[schema, AnswerSchema.SchemaOf(schema)])
            {
                if (!await ExistsAsync(connection, name).ConfigureAwait(false))
                {
                    await connection.ExecuteAsync($"CREATE SCHEMA {name}").ConfigureAwait(false);
                }
            }

            await connection.ExecuteAsync("CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, applied_at timestamptz NOT NULL)")
                .ConfigureAwait(false);
            for (int step = version + 1; step <= Steps.Length; step++)
            {
                await connection.ExecuteAsync(Steps[step - 1].Replace("{schema}", schema, StringComparison.Ordinal)).ConfigureAwait(false);
                await connection.ExecuteAsync("INSERT INTO schema_version VALUES (@step, clock_timestamp())", new { step }).ConfigureAwait(false);
            }
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static bool IsOld(int version, string schema) => version <= Steps.Length
        ? version < Steps.Length
        : throw new ViewStoreException(
            $"Schema '{schema}' has version {version} of the store's layout, and this program knows versions up to {Steps.Length}. Use the newer "
            + "program that has written it, or another schema.");

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string schema) => await connection
        .ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = @schema)", new { schema }).ConfigureAwait(false);

    private static async Task<int?> ReadVersionAsync(NpgsqlConnection connection, string schema)
    {
        bool exists = await connection.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = @schema AND tablename = 'schema_version')",
            new { schema }).ConfigureAwait(false);
        return exists
            ? await connection.ExecuteScalarAsync<int?>($"SELECT max(version) FROM {schema}.schema_version").ConfigureAwait(false)
            : null;
    }
}

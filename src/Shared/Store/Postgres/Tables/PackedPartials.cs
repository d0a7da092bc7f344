using Dapper;
using Lambda.Store.Postgres.Columns;
using Lambda.Store.Relational;
using Lambda.Views.Partials;
using Npgsql;

namespace Lambda.Store.Postgres.Tables;

/// <summary>
/// Partials of epochs that were whole in one commit, and so are never written again. Of a backlog they come faster than indexes of rows can take them. So they
/// are stored many to a row, as one array per column, and unpacked into rows with indexes when the backlog is worked off. To readers they are the
/// same all the time.
/// </summary>
/// <remarks>
/// Who removes partials for good removes those that are packed first: what somebody unpacks meanwhile is waited for, and is among the rows that are removed then. The other way round it would be
/// in neither when it is looked for.
/// </remarks>
internal static class PackedPartials
{
    /// <summary>
    /// So many partials are packed into a row, and unpacked at a time: an array has to fit into the memory of the server, whatever the size of the states.
    /// </summary>
    public const int DefaultPieceSize = 1024;

    /// <summary>The function that makes, for a view version with a table of rows, the table of packed partials and the view of both.</summary>
    public const string AddFunction = "add_packed_partials";

    /// <summary>
    /// Columns of the view of both tables: where the earliest partial begins, and the latest ends, of those that lie in a row. Whoever reads a time asks for these as well, so that
    /// rows of packed partials which have nothing of it are not unpacked.
    /// </summary>
    public const string FirstStart = "first_start";

    /// <inheritdoc cref="FirstStart"/>
    public const string LastEnd = "last_end";

    private const string Pieces = "partition, epoch, piece";

    /// <summary>
    /// Creates the function. It goes by the columns of the table of rows. Arrays are neither compressed nor looked at by ANALYZE, which costs more than what they
    /// are kept for: a piece is written once, and read whole.
    /// </summary>
    public const string CreateFunctionSql =
        $"""
        CREATE FUNCTION {AddFunction}(version integer) RETURNS void LANGUAGE plpgsql SET search_path = {"{schema}"}, pg_temp AS $body$
        DECLARE
            names text;
            arrays text;
            packed text;
            stored text;
        BEGIN
            SELECT string_agg(column_name, ', '), string_agg(format('%s %s[]%s NOT NULL', column_name, column_type, ordered), ', '),
                string_agg('packed.' || column_name, ', '),
                string_agg(format('ALTER %1$s SET STORAGE EXTERNAL, ALTER %1$s SET STATISTICS 0', column_name), ', ')
            INTO names, arrays, packed, stored
            FROM (
                SELECT quote_ident(attname) AS column_name, format_type(atttypid, atttypmod) AS column_type,
                    CASE WHEN attcollation <> 0 THEN ' COLLATE "C"' ELSE '' END AS ordered
                FROM pg_attribute WHERE attrelid = ('speed_rows_' || version)::regclass AND attnum > 0 AND NOT attisdropped
                    AND attname NOT IN ('partition', 'epoch')
                ORDER BY attnum) AS columns;
            EXECUTE format(
                'CREATE TABLE packed_%s (partition integer NOT NULL, epoch bigint NOT NULL, piece integer NOT NULL,
                    {FirstStart} timestamptz NOT NULL, {LastEnd} timestamptz NOT NULL, %s, PRIMARY KEY ({Pieces}))', version, arrays);
            EXECUTE format('ALTER TABLE packed_%s %s', version, stored);
            EXECUTE format(
                'CREATE VIEW speed_%1$s AS SELECT partition, epoch, slice_start AS {FirstStart}, slice_end AS {LastEnd}, %2$s FROM speed_rows_%1$s
                    UNION ALL SELECT packed.partition, packed.epoch, packed.{FirstStart}, packed.{LastEnd}, one.*
                    FROM packed_%1$s AS packed CROSS JOIN LATERAL unnest(%3$s) AS one (%2$s)',
                version, names, packed);
        END $body$;

        """;

    /// <summary>
    /// Brings packed partials to stores that had none. What had the name of the table is the view of both now: so programs of before that still run read on as
    /// they did, and fail when they write, which says more than answers in which something is missing. SQL views are tied to tables and not to names, and are made again.
    /// </summary>
    public const string AddToAllSql =
        $$"""
        DO $body$
        DECLARE
            version integer;
            shown record;
        BEGIN
            FOR version IN SELECT id FROM view_versions ORDER BY id LOOP
                EXECUTE format('ALTER TABLE speed_%1$s RENAME TO speed_rows_%1$s', version);
                PERFORM {{AddFunction}}(version);
            END LOOP;
            FOR shown IN SELECT answer_name, answer_sql FROM shown_answers LOOP
                EXECUTE format('CREATE OR REPLACE VIEW {schema}_views.%I AS %s', shown.answer_name, shown.answer_sql);
            END LOOP;
        END $body$;

        """;

    /// <summary>Whether a view's partials of a commit are packed: they are all that their epoch will ever have of it, and worth it.</summary>
    public static bool Takes(SpeedCommit commit, PartitionRow before, PartialBatch partials, int pieceSize) =>
        commit.EpochEnd == EpochEnd.Seal && before.NextOffset == before.EpochStart && partials.Count > pieceSize
        && !partials.EventCounts.Values[..partials.Count].Contains(0);

    /// <summary>Adds the statements that write the partials to a batch of commands.</summary>
    public static void Add(NpgsqlBatch batch, ViewTable table, int slot, long epoch, PartialBatch partials, int pieceSize)
    {
        string sql = InsertSql(table);
        for (int first = 0; first < partials.Count; first += pieceSize)
        {
            int count = Math.Min(pieceSize, partials.Count - first);
            NpgsqlBatchCommand insert = new(sql)
            {
                Parameters =
                {
                    new NpgsqlParameter<int> { TypedValue = slot },
                    new NpgsqlParameter<long> { TypedValue = epoch },
                    new NpgsqlParameter<int> { TypedValue = first / pieceSize },
                    PostgresInstant.Bound("", Least(partials.Starts.Values.Slice(first, count))),
                    PostgresInstant.Bound("", Greatest(partials.Ends.Values.Slice(first, count))),
                },
            };
            foreach (NpgsqlParameter array in PartialArrays.Of(partials, first, count))
            {
                insert.Parameters.Add(array);
            }

            batch.BatchCommands.Add(insert);
        }
    }

    /// <summary>Unpacks the first piece of a partition, whoever owns it: of two that do so at once one finds it gone.</summary>
    /// <returns>How many partials were unpacked.</returns>
    public static Task<int> UnpackPieceAsync(NpgsqlConnection connection, ViewTable table, int slot) => connection.ExecuteAsync(
        UnpackSql(table, $"({Pieces}) = (SELECT {Pieces} FROM {table.PackedName} WHERE partition = @slot ORDER BY {Pieces} LIMIT 1)"), new { slot });

    /// <summary>Unpacks all pieces that satisfy a condition on partition and epoch.</summary>
    public static Task<int> UnpackAsync(NpgsqlConnection connection, ViewTable table, string condition) =>
        connection.ExecuteAsync(UnpackSql(table, condition));

    private static long Least(ReadOnlySpan<long> instants)
    {
        long least = instants[0];
        foreach (long instant in instants)
        {
            least = Math.Min(least, instant);
        }

        return least;
    }

    private static long Greatest(ReadOnlySpan<long> instants)
    {
        long greatest = instants[0];
        foreach (long instant in instants)
        {
            greatest = Math.Max(greatest, instant);
        }

        return greatest;
    }

    private static string InsertSql(ViewTable table)
    {
        int columns = 1 + table.PartialColumns.Split(',').Length;
        return $"""
            INSERT INTO {table.PackedName} ({Pieces}, {FirstStart}, {LastEnd}, {ViewTable.Address}, {table.PartialColumns})
            VALUES ($1, $2, $3, $4, $5, {string.Join(", ", Enumerable.Range(6, columns).Select(i => $"${i}"))})
            """;
    }

    private static string UnpackSql(ViewTable table, string condition) =>
        $"""
        WITH taken AS (DELETE FROM {table.PackedName} WHERE {condition} RETURNING *)
        INSERT INTO {table.SpeedRowsName} (partition, epoch, {ViewTable.Address}, {table.PartialColumns})
        SELECT taken.partition, taken.epoch, one.*
        FROM taken CROSS JOIN LATERAL unnest({ViewTable.Address}, {table.PartialColumns}) AS one ({ViewTable.Address}, {table.PartialColumns})
        """;
}

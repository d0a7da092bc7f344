using System.Globalization;
using Dapper;
using Lambda.Store.Postgres.Tables;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;
using Npgsql;

namespace Lambda.Store.Postgres.Batch;

/// <summary>Finds the partials of generations that others have to do with, and takes them out of what a generation has carried over.</summary>
internal static class CarriedPartials
{
    private const string SamePartition = " AND staged.first_partition = held.first_partition";

    /// <summary>Takes out what the touched partials take the place of.</summary>
    public static async ValueTask<PartialBatch> TakeAsync(
        NpgsqlConnection connection, ViewTable table, GenerationInfo generation, PartialKind kind, PartialBatch touched)
    {
        await StageAsync(connection, table, touched).ConfigureAwait(false);
        string held = $"{GenerationFilter.Of(generation, "held")} AND held.kind = {(int)kind}";
        string taken = table.Layout.Addressing switch
        {
            PartialAddressing.Interval => $"{held} AND {Staged(table, " AND staged.slice_start = held.slice_start")}",
            PartialAddressing.Session => $"{held} AND {await NearAsync(connection, table, held, 0).ConfigureAwait(false)}",
            _ => $"{held} AND {Last(table, held, "")}",
        };
        string columns = string.Join(", ", table.PartialColumns.Split(", ").Select(column => $"held.{column}"));
        NpgsqlCommand update = new(
            $"UPDATE {table.BatchName} AS held SET replaced_by = {generation.Generation} WHERE {taken} RETURNING {columns}", connection);
        PartialBatch partials;
        await using (update.ConfigureAwait(false))
        {
            await using NpgsqlDataReader reader = await update.ExecuteReaderAsync().ConfigureAwait(false);
            partials = await PartialScan.FillAsync(reader, table.Layout, int.MaxValue).ConfigureAwait(false);
        }

        // Rows that were copied for this generation are nobody else's.
        NpgsqlCommand delete = new(
            $"DELETE FROM {table.BatchName} WHERE generation = {generation.Generation} AND replaced_by = {generation.Generation}", connection);
        await using (delete.ConfigureAwait(false))
        {
            await delete.ExecuteNonQueryAsync().ConfigureAwait(false);
        }

        return partials;
    }

    /// <summary>Reads what lies near partials of the same key.</summary>
    public static async ValueTask<PartialBatch> ReadAsync(
        NpgsqlConnection connection, ViewTable table, long generation, PartialKind kind, PartialBatch around, Nearness nearness)
    {
        await StageAsync(connection, table, around).ConfigureAwait(false);
        string filter = await GenerationRows.FilterAsync(connection, table.Layout.Stream, generation, "held").ConfigureAwait(false);
        string held = $"{filter} AND held.kind = {(int)kind}";
        string found = nearness switch
        {
            Nearness.Near { Microseconds: var distance } => await NearAsync(connection, table, held, distance).ConfigureAwait(false),
            Nearness.Newest => Last(table, held, SamePartition),
            Nearness.Following => Staged(table, $"{SamePartition} AND staged.first_offset <= held.first_offset"),
            _ => Staged(table, ""),
        };
        return await PartialScan.ReadAllAsync(connection, table, $"{table.BatchName} AS held", PartialFilter.Of($"{held} AND {found}")).ConfigureAwait(false);
    }

    private static async ValueTask StageAsync(NpgsqlConnection connection, ViewTable table, PartialBatch partials)
    {
        // Several steps of one transaction may stage partials of a view.
        NpgsqlCommand stage = new($"{table.CreateStageSql}; TRUNCATE pg_temp.{table.StageName}", connection);
        await using (stage.ConfigureAwait(false))
        {
            await stage.ExecuteNonQueryAsync().ConfigureAwait(false);
        }

        await PartialCopy.StageAsync(connection, table, partials, partials.Count).ConfigureAwait(false);
        NpgsqlCommand analyze = new($"ANALYZE pg_temp.{table.StageName}", connection);
        await using (analyze.ConfigureAwait(false))
        {
            await analyze.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The condition that the interval of one of those that are <paramref name="held"/> lies within a distance of that of a staged one with the same key. A join by the key and two
    /// inequalities compares each with all that are staged of its key. So keys of which many are staged are taken out of the stage, and what is held of them is looked at
    /// one by one: of the staged ones that begin early enough, what matters is the latest end.
    /// </summary>
    private static async ValueTask<string> NearAsync(NpgsqlConnection connection, ViewTable table, string held, long distance)
    {
        string within = string.Create(CultureInfo.InvariantCulture, $"{distance} * interval '1 microsecond'");
        string few = Staged(table, $" AND staged.slice_end + {within} >= held.slice_start AND staged.slice_start - {within} <= held.slice_end");
        string many = $"SELECT {ViewTable.Address} FROM pg_temp.{table.StageName} GROUP BY {ViewTable.Address} HAVING count(*) >= {IntervalJoin.ManyOfKey}";
        if (!await connection.ExecuteScalarAsync<bool>($"SELECT EXISTS ({many})").ConfigureAwait(false))
        {
            return few;
        }

        await connection.ExecuteAsync(
            $"""
            DROP TABLE IF EXISTS pg_temp.{table.ReachName};
            CREATE TEMP TABLE {table.ReachName} ON COMMIT DROP AS
            SELECT {ViewTable.Address}, slice_start - {within} AS earliest,
                max(slice_end) OVER (PARTITION BY {ViewTable.Address} ORDER BY slice_start) + {within} AS latest
            FROM pg_temp.{table.StageName} WHERE {ViewTable.Address} IN ({many});
            CREATE INDEX ON pg_temp.{table.ReachName} ({ViewTable.Address}, earliest);
            DELETE FROM pg_temp.{table.StageName} WHERE {ViewTable.Address} IN (SELECT {ViewTable.Address} FROM pg_temp.{table.ReachName});
            ANALYZE pg_temp.{table.ReachName};
            ANALYZE pg_temp.{table.StageName}
            """).ConfigureAwait(false);
        return $"""
            held.ctid = ANY (ARRAY(
                SELECT held.ctid FROM {table.BatchName} AS held WHERE {held} AND {few}
                UNION ALL
                SELECT held.ctid FROM (SELECT DISTINCT {ViewTable.Address} FROM pg_temp.{table.ReachName}) AS key
                JOIN {table.BatchName} AS held ON held.{ViewTable.Address} = key.{ViewTable.Address}
                WHERE {held} AND held.slice_start <= (
                    SELECT latest FROM pg_temp.{table.ReachName} AS reach
                    WHERE reach.{ViewTable.Address} = held.{ViewTable.Address} AND reach.earliest <= held.slice_end
                    ORDER BY reach.earliest DESC LIMIT 1)))
            """;
    }

    /// <summary>The condition that no other one of the same key and partition begins behind, among those that are held and staged.</summary>
    private static string Last(ViewTable table, string held, string condition) =>
        $"""
        held.ctid = ANY (ARRAY(
            SELECT DISTINCT ON (held.{ViewTable.Address}, held.first_partition) held.ctid FROM {table.BatchName} AS held
            WHERE {held} AND {Staged(table, condition)}
            ORDER BY held.{ViewTable.Address}, held.first_partition, held.first_offset DESC))
        """;

    private static string Staged(ViewTable table, string condition) =>
        $"EXISTS (SELECT 1 FROM pg_temp.{table.StageName} AS staged WHERE staged.{ViewTable.Address} = held.{ViewTable.Address}{condition})";
}

using System.Globalization;
using Dapper;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;
using Npgsql;

namespace Lambda.Store.Postgres;

/// <summary>Finds the partials of generations that others have to do with, and takes them out of what a generation has carried over.</summary>
internal static class CarriedPartials
{
    /// <summary>Takes out what the touched partials take the place of.</summary>
    public static async ValueTask<PartialBatch> TakeAsync(
        NpgsqlConnection connection, ViewTable table, GenerationInfo generation, PartialKind kind, PartialBatch touched)
    {
        await StageAsync(connection, table, touched).ConfigureAwait(false);
        string held = $"{GenerationFilter.Of(generation, "held")} AND held.kind = {(int)kind}";
        string taken = table.Layout.Addressing switch
        {
            PartialAddressing.Interval => $"{held} AND {Staged(table, " AND staged.slice_start = held.slice_start")}",
            PartialAddressing.Session => $"{held} AND {await NearAsync(connection, table, 0).ConfigureAwait(false)}",
            _ => $"""
                held.ctid = ANY (ARRAY(
                    SELECT DISTINCT ON (held.{ViewTable.Address}, held.first_partition) held.ctid FROM {table.BatchName} AS held
                    WHERE {held} AND {Staged(table, "")}
                    ORDER BY held.{ViewTable.Address}, held.first_partition, held.first_offset DESC))
                """,
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
        NpgsqlConnection connection, ViewTable table, long generation, PartialKind kind, PartialBatch around, long? within)
    {
        await StageAsync(connection, table, around).ConfigureAwait(false);
        string found = within is { } distance ? await NearAsync(connection, table, distance).ConfigureAwait(false) : Staged(table, "");
        string filter = await GenerationRows.FilterAsync(connection, table.Layout.Stream, generation, "held").ConfigureAwait(false);
        return await PartialScan.ReadAllAsync(
            connection, table, $"{table.BatchName} AS held", PartialFilter.Of($"{filter} AND held.kind = {(int)kind} AND {found}"))
            .ConfigureAwait(false);
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

    /// <summary>The condition that the interval of <c>held</c> lies within a distance of that of a staged one with the same key (<see cref="IntervalJoin"/>).</summary>
    private static async ValueTask<string> NearAsync(NpgsqlConnection connection, ViewTable table, long distance)
    {
        string within = string.Create(CultureInfo.InvariantCulture, $"{distance} * interval '1 microsecond'");
        long most = await connection.ExecuteScalarAsync<long>(
            $"SELECT max(number) FROM (SELECT count(*) AS number FROM pg_temp.{table.StageName} GROUP BY {ViewTable.Address}) AS of_key").ConfigureAwait(false);
        if (most < IntervalJoin.ManyOfKey)
        {
            return Staged(table, $" AND staged.slice_end + {within} >= held.slice_start AND staged.slice_start - {within} <= held.slice_end");
        }

        await connection.ExecuteAsync(
            $"""
            DROP TABLE IF EXISTS pg_temp.{table.ReachName};
            CREATE TEMP TABLE {table.ReachName} ON COMMIT DROP AS
            SELECT {ViewTable.Address}, slice_start - {within} AS earliest,
                max(slice_end) OVER (PARTITION BY {ViewTable.Address} ORDER BY slice_start) + {within} AS latest
            FROM pg_temp.{table.StageName};
            CREATE INDEX ON pg_temp.{table.ReachName} ({ViewTable.Address}, earliest);
            ANALYZE pg_temp.{table.ReachName}
            """).ConfigureAwait(false);
        return $"""
            EXISTS (SELECT 1 FROM (
                SELECT latest FROM pg_temp.{table.ReachName} AS reach
                WHERE reach.{ViewTable.Address} = held.{ViewTable.Address} AND reach.earliest <= held.slice_end
                ORDER BY reach.earliest DESC LIMIT 1) AS last
            WHERE last.latest >= held.slice_start)
            """;
    }

    private static string Staged(ViewTable table, string condition) =>
        $"EXISTS (SELECT 1 FROM pg_temp.{table.StageName} AS staged WHERE staged.{ViewTable.Address} = held.{ViewTable.Address}{condition})";
}

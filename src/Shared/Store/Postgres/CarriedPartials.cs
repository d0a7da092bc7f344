using System.Globalization;
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
            PartialAddressing.Session => $"{held} AND {Staged(table, " AND staged.slice_end >= held.slice_start AND staged.slice_start <= held.slice_end")}",
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
        string near = within is { } distance
            ? string.Create(
                CultureInfo.InvariantCulture,
                $" AND staged.slice_end + {distance} * interval '1 microsecond' >= held.slice_start AND staged.slice_start - {distance} * interval '1 microsecond' <= held.slice_end")
            : "";
        string filter = await GenerationRows.FilterAsync(connection, table.Layout.Stream, generation, "held").ConfigureAwait(false);
        return await PartialScan.ReadAllAsync(
            connection, table, $"{table.BatchName} AS held", PartialFilter.Of($"{filter} AND held.kind = {(int)kind} AND {Staged(table, near)}"))
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

    private static string Staged(ViewTable table, string condition) =>
        $"EXISTS (SELECT 1 FROM pg_temp.{table.StageName} AS staged WHERE staged.{ViewTable.Address} = held.{ViewTable.Address}{condition})";
}

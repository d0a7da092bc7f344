using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Embedded.Vectors;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Store.Embedded;

/// <summary>Finds the partials of generations that others have to do with, and takes them out of what a generation has carried over.</summary>
internal static class CarriedPartials
{
    /// <summary>
    /// Takes out what the touched partials take the place of. Rows are deleted and inserted anew with another number: an update in place of scattered rows takes
    /// DuckDB many times longer.
    /// </summary>
    public static PartialBatch Take(DuckDBConnection connection, ViewTable table, GenerationInfo generation, PartialKind kind, PartialBatch touched)
    {
        Stage(connection, table, touched);
        string match = table.Layout.Addressing switch
        {
            PartialAddressing.Interval => " AND held.slice_start = staged.slice_start",
            PartialAddressing.Session => " AND held.slice_start <= staged.slice_end AND held.slice_end >= staged.slice_start",
            _ => "",
        };
        string last = table.Layout.HasPositions
            ? $" QUALIFY row_number() OVER (PARTITION BY {string.Join(", ", [.. table.KeyColumns, "first_partition"])} ORDER BY first_offset DESC) = 1"
            : "";
        connection.Execute(
            $"""
            CREATE OR REPLACE TEMP TABLE {table.TakenName} AS
            SELECT held.rowid AS place, held.generation AS written_by, {table.PartialColumns} FROM {table.BatchName} AS held
            SEMI JOIN temp.{table.AroundName} AS staged ON {Keys(table)}{match}
            WHERE {GenerationFilter.Of(generation, "held")} AND held.kind = {(int)kind}{Bounds(table, touched, 0)}{last}
            """);
        PartialBatch taken = PartialScan.ReadAll(connection, table, $"temp.{table.TakenName}", []);
        if (taken.Count > 0)
        {
            connection.Execute(
                $"""
                DELETE FROM {table.BatchName} WHERE rowid IN (SELECT place FROM temp.{table.TakenName});
                INSERT INTO {table.BatchName} (generation, kind, {table.PartialColumns}, replaced_by)
                SELECT written_by, {(int)kind}, {table.PartialColumns}, {generation.Generation} FROM temp.{table.TakenName}
                WHERE written_by < {generation.Generation}
                """);
        }

        connection.Execute($"DROP TABLE temp.{table.TakenName}");
        return taken;
    }

    /// <summary>Reads what lies near partials of the same key.</summary>
    public static PartialBatch Read(
        DuckDBConnection connection, ViewTable table, long generation, PartialKind kind, PartialBatch around, long? within)
    {
        Stage(connection, table, around);
        string near = within is { } distance
            ? $" AND held.slice_start <= staged.slice_end + to_microseconds({distance}) AND held.slice_end >= staged.slice_start - to_microseconds({distance})"
            : "";
        return PartialScan.ReadAll(
            connection,
            table,
            $"{table.BatchName} AS held SEMI JOIN temp.{table.AroundName} AS staged ON {Keys(table)}{near}",
            [
                GenerationRows.Filter(connection, table.Layout.Stream, generation, "held"),
                $"held.kind = {(int)kind}{(within is { } bound ? Bounds(table, around, bound) : "")}",
            ]);
    }

    private static void Stage(DuckDBConnection connection, ViewTable table, PartialBatch partials)
    {
        connection.Execute(table.CreateAroundSql);
        ChunkAppend.Run(connection, "temp", table.AroundName, ViewTable.AroundWriters(partials), 0, partials.Count);
    }

    private static string Keys(ViewTable table) => table.KeyColumns.Count == 0
        ? "true"
        : string.Join(" AND ", table.KeyColumns.Select(key => $"held.{key} IS NOT DISTINCT FROM staged.{key}"));

    /// <summary>The interval that holds all of them, by which row groups can be skipped.</summary>
    private static string Bounds(ViewTable table, PartialBatch partials, long within)
    {
        if (table.Layout.HasPositions || partials.Count == 0)
        {
            return "";
        }

        Int128 from = (Int128)partials.Starts.Values.ToArray().Min() - within - 1;
        Int128 to = (Int128)partials.Ends.Values.ToArray().Max() + within + 1;
        WindowRange range = new((long)Int128.Max(from, long.MinValue), (long)Int128.Min(to, long.MaxValue));
        return string.Concat(SqlLiteral.Overlaps("held.slice_start", "held.slice_end", range).Select(condition => $" AND {condition}"));
    }
}

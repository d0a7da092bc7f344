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
    private const string SamePartition = " AND held.first_partition = staged.first_partition";

    /// <summary>
    /// Takes out what the touched partials take the place of. Rows are deleted and inserted anew with another number: an update in place of scattered rows takes
    /// DuckDB many times longer.
    /// </summary>
    public static PartialBatch Take(DuckDBConnection connection, ViewTable table, GenerationInfo generation, PartialKind kind, PartialBatch touched)
    {
        Stage(connection, table, touched);
        string held = $"{GenerationFilter.Of(generation, "held")} AND held.kind = {(int)kind}{Bounds(table, touched, 0)}";
        string found = table.Layout.Addressing switch
        {
            PartialAddressing.Interval => OfKey(table, " AND held.slice_start = staged.slice_start"),
            PartialAddressing.Session => Near(connection, table, held, 0),
            _ => OfKey(table, ""),
        };
        string last = table.Layout.HasPositions ? OnlyLast(table) : "";
        connection.Execute(
            $"""
            CREATE OR REPLACE TEMP TABLE {table.TakenName} AS
            SELECT held.rowid AS place, held.generation AS written_by, {table.PartialColumns} FROM {table.BatchName} AS held {found}
            WHERE {held}{last}
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
        DuckDBConnection connection, ViewTable table, long generation, PartialKind kind, PartialBatch around, Nearness nearness)
    {
        Stage(connection, table, around);
        string held = $"{GenerationRows.Filter(connection, table.Layout.Stream, generation, "held")} AND held.kind = {(int)kind}";
        switch (nearness)
        {
            case Nearness.Near { Microseconds: var distance }:
                held += Bounds(table, around, distance);
                return Read(Near(connection, table, held, distance), "");
            case Nearness.Newest:
                return Read(OfKey(table, SamePartition), OnlyLast(table));
            case Nearness.Following:
                return Read(OfKey(table, $"{SamePartition} AND held.first_offset >= staged.first_offset"), "");
            default:
                return Read(OfKey(table, ""), "");
        }

        PartialBatch Read(string found, string among) =>
            PartialScan.ReadAll(connection, table, $"{table.BatchName} AS held {found}", [$"{held}{among}"]);
    }

    private static string OnlyLast(ViewTable table) =>
        $" QUALIFY row_number() OVER (PARTITION BY {string.Join(", ", [.. table.KeyColumns, "first_partition"])} ORDER BY first_offset DESC) = 1";

    private static string OfKey(ViewTable table, string match) => $"SEMI JOIN temp.{table.AroundName} AS staged ON {Keys(table)}{match}";

    /// <summary>
    /// Leaves those of <c>held</c> whose interval lies within a distance of that of a staged one with the same key. A join by the key and two inequalities compares each with all
    /// that are staged of its key. Where these are many, each is held against one: of those that begin early enough, what matters is the latest end.
    /// </summary>
    private static string Near(DuckDBConnection connection, ViewTable table, string held, long distance)
    {
        if (MostOfKey(connection, table) < IntervalJoin.ManyOfKey)
        {
            return OfKey(
                table,
                $" AND held.slice_start <= staged.slice_end + to_microseconds({distance}) AND held.slice_end >= staged.slice_start - to_microseconds({distance})");
        }

        // Keys by number: an ASOF join leaves out those that are null, also where it asks for IS NOT DISTINCT FROM.
        string keys = string.Concat(table.KeyColumns.Select(key => $", {key}"));
        string number = table.KeyColumns.Count == 0 ? "0" : $"dense_rank() OVER (ORDER BY {string.Join(", ", table.KeyColumns)})";
        return $"""
            SEMI JOIN (
                WITH numbered AS MATERIALIZED (SELECT {number} AS key, slice_start, slice_end{keys} FROM temp.{table.AroundName})
                SELECT place FROM (
                    SELECT held.rowid AS place, held.slice_start, held.slice_end, staged.key
                    FROM {table.BatchName} AS held JOIN (SELECT DISTINCT key{keys} FROM numbered) AS staged ON {Keys(table)}
                    WHERE {held}) AS one
                ASOF JOIN (
                    SELECT key, slice_start - to_microseconds({distance}) AS earliest,
                        max(slice_end) OVER (PARTITION BY key ORDER BY slice_start) + to_microseconds({distance}) AS latest
                    FROM numbered) AS reach
                ON one.key = reach.key AND one.slice_end >= reach.earliest
                WHERE one.slice_start <= reach.latest) AS near
            ON held.rowid = near.place
            """;
    }

    private static long MostOfKey(DuckDBConnection connection, ViewTable table) => table.KeyColumns.Count == 0
        ? connection.ExecuteScalar<long>($"SELECT count(*) FROM temp.{table.AroundName}")
        : connection.ExecuteScalar<long>(
            $"SELECT max(number) FROM (SELECT count(*) AS number FROM temp.{table.AroundName} GROUP BY {string.Join(", ", table.KeyColumns)})");

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

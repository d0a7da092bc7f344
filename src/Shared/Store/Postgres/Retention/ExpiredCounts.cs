using Lambda.Store.Postgres.Columns;
using Lambda.Store.Postgres.Tables;
using Lambda.Store.Relational;

namespace Lambda.Store.Postgres.Retention;

/// <summary>Which speed partials make up windows of a count of events that ended before an instant.</summary>
internal static class ExpiredCounts
{
    /// <summary>
    /// No window that has one of the partials begins earlier; null when there are none. An event can be later than the first of its window by the length of
    /// the window.
    /// </summary>
    public static string FirstStartSql(ViewTable table, string partials) =>
        $"""
        SELECT min(2 * {PostgresInstant.MicrosecondsSql("slice_start")} - {PostgresInstant.MicrosecondsSql("slice_end")})
        FROM {table.SpeedName} WHERE {partials}
        """;

    /// <summary>
    /// Deletes windows that ended at <c>@horizon</c> or before, at the beginning of each key only: what is left of it must begin with the first event of a
    /// window, or other windows would come out. Where these begin is told by the windows as read of the current generation, of which
    /// the last may still be open and stays.
    /// </summary>
    /// <param name="table">A table with positions.</param>
    /// <param name="current">The current generation.</param>
    /// <param name="superseded">The condition that a partial is superseded.</param>
    public static string DeleteSql(ViewTable table, GenerationInfo current, string superseded) =>
        $"""
        DELETE FROM {table.SpeedRowsName} AS expired USING (
            SELECT {ViewTable.Address}, first_partition,
                coalesce(min(first_offset) FILTER (WHERE slice_end > @horizon), max(first_offset)) AS first_kept
            FROM {table.BatchName} AS windows
            WHERE {GenerationFilter.Of(current, "windows")} AND (kind = {(int)PartialKind.AsRead} OR (kind = {(int)PartialKind.Kept} AND NOT EXISTS (
                SELECT 1 FROM {table.BatchName} AS moved
                WHERE {GenerationFilter.Of(current, "moved")} AND moved.kind = {(int)PartialKind.AsRead}
                    AND moved.{ViewTable.Address} = windows.{ViewTable.Address})))
            GROUP BY {ViewTable.Address}, first_partition) AS sequences
        WHERE expired.first_partition = sequences.first_partition AND expired.first_offset < sequences.first_kept
            AND expired.{ViewTable.Address} = sequences.{ViewTable.Address} AND {superseded}
        """;
}

using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Embedded.Tables;
using Lambda.Store.Relational;

namespace Lambda.Store.Embedded.Retention;

/// <summary>Which speed partials make up windows of a count of events that ended before an instant.</summary>
internal static class ExpiredCounts
{
    /// <summary>
    /// No window that has one of the partials begins earlier; null when there are none. An event can be later than the first of its window by the length of
    /// the window.
    /// </summary>
    public static long? ReadFirstStart(DuckDBConnection connection, ViewTable table, string partials) => connection.ExecuteScalar<long?>(
        $"SELECT min(2 * epoch_us(slice_start) - epoch_us(slice_end)) FROM {table.SpeedName} WHERE {partials}");

    /// <summary>
    /// Deletes windows that ended at the horizon or before, at the beginning of each key only: what is left of it must begin with the first event of a
    /// window, or other windows would come out. Where these begin is told by the windows as read of the current generation, of which the last may still
    /// be open and stays.
    /// </summary>
    /// <param name="table">A table with positions.</param>
    /// <param name="generation">The current generation.</param>
    /// <param name="horizon">In UTC microseconds.</param>
    /// <param name="superseded">The condition that a partial is superseded.</param>
    public static string DeleteSql(ViewTable table, GenerationInfo generation, long horizon, string superseded)
    {
        string keys = string.Join(", ", table.KeyColumns);
        return $"""
            DELETE FROM {table.SpeedName} AS expired USING (
                SELECT {keys}, first_partition,
                    coalesce(min(first_offset) FILTER (WHERE slice_end > make_timestamp('{horizon}'::BIGINT)), max(first_offset)) AS first_kept
                FROM {table.BatchName} AS windows
                WHERE {GenerationFilter.Of(generation, "windows")} AND (kind = {(int)PartialKind.AsRead} OR (kind = {(int)PartialKind.Kept} AND NOT EXISTS (
                    SELECT 1 FROM {table.BatchName} AS moved
                    WHERE {GenerationFilter.Of(generation, "moved")} AND moved.kind = {(int)PartialKind.AsRead}{SameKey("moved", "windows")})))
                GROUP BY {keys}, first_partition) AS sequences
            WHERE expired.first_partition = sequences.first_partition AND expired.first_offset < sequences.first_kept
                {SameKey("expired", "sequences")} AND {superseded}
            """;

        string SameKey(string one, string other) =>
            string.Concat(table.KeyColumns.Select(key => $" AND {one}.{key} IS NOT DISTINCT FROM {other}.{key}"));
    }
}

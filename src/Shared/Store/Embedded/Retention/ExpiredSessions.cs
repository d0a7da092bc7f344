using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Embedded.Tables;
using Lambda.Store.Embedded.Vectors;

namespace Lambda.Store.Embedded.Retention;

/// <summary>
/// Which speed partials make up sessions that ended before an instant. The partials of a key whose intervals overlap or touch are one session, of whatever
/// partition and epoch, late or not; a session goes as a whole or stays as a whole.
/// </summary>
internal static class ExpiredSessions
{
    /// <summary>Where the earliest session that has one of the partials begins; null when there are none.</summary>
    public static long? ReadFirstStart(DuckDBConnection connection, ViewTable table, int edition, string partials) => connection.ExecuteScalar<long?>(
        $"""
        {Sessions(table, edition)}
        SELECT epoch_us(min(session_start)) FROM (
            SELECT min(slice_start) AS session_start FROM numbered GROUP BY {Keys(table)} session HAVING bool_or({partials}))
        """);

    /// <summary>
    /// Deletes sessions that ended before the horizon, and of which nothing is needed any more. An event at its very end still
    /// joins a session; one that comes when the session is gone lies before the horizon like it, and is left out of comparisons with it.
    /// </summary>
    /// <param name="table">A table with live sessions.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="edition">The edition that answers; those of others stay.</param>
    /// <param name="horizon">In UTC microseconds.</param>
    /// <param name="superseded">The condition that a partial is superseded.</param>
    /// <param name="retention">
    /// In microseconds, how long what was superseded is kept. A session that ended less than this before the newest event of its partition stays, as
    /// the speed layer may still judge late events by it, however old the events of the stream are.
    /// </param>
    public static string DeleteSql(ViewTable table, string stream, int edition, long horizon, string superseded, long retention)
    {
        string sameKey = string.Concat(table.KeyColumns.Select(key => $" AND expired.{key} IS NOT DISTINCT FROM sessions.{key}"));
        return $"""
            DELETE FROM {table.SpeedName} AS expired USING (
                {Sessions(table, edition)}
                SELECT {Keys(table)} min(slice_start) AS session_start, max(slice_end) AS session_end
                FROM numbered LEFT JOIN (
                    SELECT partition + edition * {EditionLane.Width} AS number, max_event_time FROM partitions WHERE stream = {SqlLiteral.Of(stream)}) ON number = partition
                GROUP BY {Keys(table)} session
                HAVING max(slice_end) < make_timestamp('{horizon}'::BIGINT) AND bool_and({superseded})
                    AND bool_and(epoch_us({ViewTable.LiveEnd}) <= max_event_time - {retention})) AS sessions
            WHERE expired.slice_start >= sessions.session_start AND expired.slice_start < sessions.session_end{sameKey}
                AND expired.{EditionLane.Holds(edition)}
            """;
    }

    /// <summary>All speed partials of an edition with the number of their session within the key.</summary>
    private static string Sessions(ViewTable table, int edition) =>
        $"""
        WITH marked AS (
            SELECT *, slice_start > coalesce(max(slice_end) OVER (
                {PartitionBy(table)} ORDER BY slice_start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), '-infinity'::TIMESTAMP) AS begins
            FROM {table.SpeedName} WHERE {EditionLane.Holds(edition)}),
        numbered AS (
            SELECT *, sum(begins::INTEGER) OVER ({PartitionBy(table)} ORDER BY slice_start) AS session FROM marked)
        """;

    private static string PartitionBy(ViewTable table) =>
        table.KeyColumns.Count == 0 ? "" : $"PARTITION BY {string.Join(", ", table.KeyColumns)}";

    private static string Keys(ViewTable table) => string.Concat(table.KeyColumns.Select(key => $"{key}, "));
}

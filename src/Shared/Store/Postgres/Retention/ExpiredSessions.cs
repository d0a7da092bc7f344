using Lambda.Store.Postgres.Columns;
using Lambda.Store.Postgres.Tables;

namespace Lambda.Store.Postgres.Retention;

/// <summary>
/// Which speed partials make up sessions that ended before an instant. The partials of a key whose intervals overlap or touch are one session, of whatever
/// partition and epoch, late or not; a session goes as a whole or stays as a whole.
/// </summary>
internal static class ExpiredSessions
{
    /// <summary>Where the earliest session that has one of the partials begins; null when there are none.</summary>
    public static string FirstStartSql(ViewTable table, int edition, string partials) =>
        $"""
        {Sessions(table, edition)}
        SELECT {PostgresInstant.MicrosecondsSql("min(session_start)")} FROM (
            SELECT min(slice_start) AS session_start FROM numbered GROUP BY {ViewTable.Address}, session HAVING bool_or({partials})) AS found
        """;

    /// <summary>
    /// Deletes sessions of <c>@Stream</c> that ended before <c>@horizon</c>, and of which nothing is needed any more. An event at its very end still
    /// joins a session; one that comes when the session is gone lies before the horizon like it, and is left out of comparisons with it. A session that ended
    /// less than <c>@Retention</c> microseconds before the newest event of its partition stays, as the speed layer may still judge late events by it, however
    /// old the events of the stream are.
    /// </summary>
    /// <param name="table">A table with live sessions.</param>
    /// <param name="edition">The edition that answers; those of others stay.</param>
    /// <param name="superseded">The condition that a partial is superseded.</param>
    public static string DeleteSql(ViewTable table, int edition, string superseded) =>
        $"""
        DELETE FROM {table.SpeedRowsName} AS expired USING (
            {Sessions(table, edition)}
            SELECT {ViewTable.Address}, min(slice_start) AS session_start, max(slice_end) AS session_end
            FROM numbered LEFT JOIN (
                SELECT partition + edition * {EditionLane.Width} AS number, max_event_time FROM partitions WHERE stream = @Stream) AS owned ON number = partition
            GROUP BY {ViewTable.Address}, session
            HAVING max(slice_end) < @horizon AND bool_and({superseded})
                AND bool_and({PostgresInstant.MicrosecondsSql(ViewTable.LiveEnd)} <= max_event_time - @Retention)) AS sessions
        WHERE expired.slice_start >= sessions.session_start AND expired.slice_start < sessions.session_end
            AND expired.{ViewTable.Address} = sessions.{ViewTable.Address} AND expired.{EditionLane.Holds(edition)}
        """;

    /// <summary>All speed partials of an edition with the number of their session within the key.</summary>
    private static string Sessions(ViewTable table, int edition) =>
        $"""
        WITH marked AS (
            SELECT *, slice_start > coalesce(max(slice_end) OVER (
                PARTITION BY {ViewTable.Address} ORDER BY slice_start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), '-infinity') AS begins
            FROM {table.SpeedName} WHERE {EditionLane.Holds(edition)}),
        numbered AS (
            SELECT *, sum(begins::integer) OVER (PARTITION BY {ViewTable.Address} ORDER BY slice_start) AS session FROM marked)
        """;
}

using System.Globalization;
using Lambda.Aggregation.Sql;
using Lambda.Store.Postgres.Columns;
using Lambda.Store.Postgres.Tables;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Store.Postgres.Answers;

/// <summary>
/// The query that answers a view version in SQL: its windows with what batch and speed layer say of them together, as the serving layer has it.
/// </summary>
internal static class AnswerQuery
{
    /// <summary>The query; null when the layout tells nothing of answers, or SQL cannot make its windows.</summary>
    public static string? Of(ViewTable table)
    {
        if (table.Layout.Answer is not { Windows: { } windows } answer)
        {
            return null;
        }

        AnswerNames names = new();
        string eventCount = names.Reserved("event_count");
        string[] window = [names.Reserved("window_start"), names.Reserved("window_end")];
        string[] keys = [.. table.Layout.Keys.Select((key, i) => $"k{i} AS {names.Of(key.Name)}")];
        string[] results = [.. answer.Columns.Select(column => $"{Expression(column, table.Layout)} AS {names.Of(column.Name)}")];
        return $"""
            SELECT {string.Join(", ", [.. keys, .. window, $"sum(events)::bigint AS {eventCount}", .. results])}
            FROM ({Place(table, windows)}) AS placed
            GROUP BY {string.Join(", ", [ViewTable.Address, .. table.KeyColumns, .. window])}
            """;
    }

    /// <summary>The partials that are served, with the windows they belong to: one row for each.</summary>
    private static string Place(ViewTable table, SqlWindows windows) => windows.Rule switch
    {
        SqlWindowRule.Slice => $"SELECT *, slice_start AS window_start, slice_end AS window_end FROM ({Partials(table)}) AS partials WHERE missed = 0",
        SqlWindowRule.AllTime =>
            $"SELECT *, timestamptz '-infinity' AS window_start, timestamptz 'infinity' AS window_end FROM ({Partials(table)}) AS partials WHERE missed = 0",
        SqlWindowRule.Slides => PlaceInSlides(table, windows),
        SqlWindowRule.Session => PlaceInSessions(table),
        _ => throw new ArgumentOutOfRangeException(nameof(windows), windows.Rule, "Unknown rule of windows."),
    };

    private static string PlaceInSlides(ViewTable table, SqlWindows windows)
    {
        long rest = windows.Size % windows.Slide;
        rest = windows.Slide > windows.Size ? windows.Size : rest;
        string opens = Invariant($"({PostgresInstant.MicrosecondsSql("slice_start")} - {windows.Offset}) % {windows.Slide} = 0");
        return $"""
            SELECT opened.*, opening - back * {Interval(windows.Slide)} AS window_start,
                opening - back * {Interval(windows.Slide)} + {Interval(windows.Size)} AS window_end
            FROM (
                SELECT *, CASE WHEN {opens} THEN slice_start ELSE slice_start - {Interval(rest)} END AS opening,
                    {windows.Size / windows.Slide} + CASE WHEN {rest} > 0 AND {opens} THEN 1 ELSE 0 END AS windows
                FROM ({Partials(table)}) AS partials) AS opened
            CROSS JOIN LATERAL generate_series(0, windows - 1 - missed) AS back
            """;
    }

    private static string PlaceInSessions(ViewTable table) =>
        $"""
        SELECT *, min(slice_start) OVER one AS window_start, max(slice_end) OVER one AS window_end
        FROM (
            SELECT *, sum(begins::integer) OVER (PARTITION BY {ViewTable.Address} ORDER BY slice_start) AS session
            FROM (
                SELECT *, slice_start > coalesce(max(slice_end) OVER (
                    PARTITION BY {ViewTable.Address} ORDER BY slice_start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), '-infinity') AS begins
                FROM ({Partials(table)}) AS partials WHERE missed = 0) AS marked) AS numbered
        WINDOW one AS (PARTITION BY {ViewTable.Address}, session)
        """;

    /// <summary>What the newest generation has kept, and what the speed layer has added behind its boundary.</summary>
    private static string Partials(ViewTable table)
    {
        string served = Invariant($"FROM served_generations WHERE view_version = {table.Id}");
        string[] columns = [ViewTable.Address, "slice_start", "slice_end", "missed", "events", .. table.KeyColumns, .. table.StateColumns];
        return $"""
            SELECT {string.Join(", ", columns)} FROM {table.BatchName}
            WHERE kind = {(int)PartialKind.Kept} AND replaced_by > (SELECT generation {served})
                AND generation BETWEEN (SELECT root {served}) AND (SELECT generation {served})
            UNION ALL
            SELECT {string.Join(", ", columns.Select(column => $"speed.{column}"))} FROM {table.SpeedName} AS speed
            JOIN served_epochs AS served
            ON served.view_version = {table.Id} AND served.partition = speed.partition AND speed.epoch >= served.first_epoch
            """;
    }

    private static string Expression(SqlColumn column, PartialLayout layout)
    {
        string expression = column.Expression;
        for (int state = 0; state < layout.States.Count; state++)
        {
            expression = expression.Replace(Invariant($"{{{state}}}"), Invariant($"s{state}"), StringComparison.Ordinal);
        }

        return expression;
    }

    private static string Interval(long microseconds) => Invariant($"({microseconds} * interval '1 microsecond')");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

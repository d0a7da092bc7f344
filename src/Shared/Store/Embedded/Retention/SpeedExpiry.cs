using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Embedded.Tables;
using Lambda.Views;

namespace Lambda.Store.Embedded.Retention;

/// <summary>
/// Removes superseded speed partials view by view and by whole windows, so that those which are left can be compared: only windows that ended before an
/// instant, and before every window of the view that has partials which were superseded since, or which a generation does not cover that can be gone back to.
/// </summary>
/// <param name="Stream">The stream.</param>
/// <param name="Current">The current generation.</param>
/// <param name="Before">The instant, in UTC microseconds.</param>
/// <param name="Retention">How long before now the instant lies, in microseconds.</param>
/// <param name="Superseded">The condition that the current generation covers a partial.</param>
/// <param name="SupersededSince">The condition that it does, and that some generation does not which is kept.</param>
/// <param name="Edition">The edition that answers; others stay as they are.</param>
internal sealed record SpeedExpiry(string Stream, GenerationInfo Current, long Before, long Retention, string Superseded, string SupersededSince, int Edition)
{
    /// <summary>The condition that a partial keeps its windows comparable where partials are part of windows as they are.</summary>
    private string Staying => $"({SupersededSince} OR ({EditionLane.Holds(Edition)} AND slice_end > make_timestamp('{Before}'::BIGINT)))";

    /// <summary>Removes partials of a view version, and notes from when on its windows have lost none.</summary>
    public int Run(DuckDBConnection connection, ViewTable table)
    {
        long horizon = ReadHorizon(connection, table);
        int removed = connection.Execute(table.Layout.Addressing switch
        {
            PartialAddressing.Session => ExpiredSessions.DeleteSql(table, Stream, Edition, horizon, Superseded, Retention),
            PartialAddressing.Position => ExpiredCounts.DeleteSql(table, Current, horizon, Superseded),
            _ => ExpiredSlices.DeleteSql(table, horizon, Superseded),
        });
        if (removed > 0)
        {
            connection.Execute(
                "UPDATE view_versions SET comparable_from = greatest(comparable_from, $horizon) WHERE id = $id", new { horizon, id = table.Id });
        }

        return removed;
    }

    /// <summary>
    /// Windows that begin here or later lose nothing. Where windows overlap they share partials, and any cut goes through some of them: so it lies as far
    /// before what stays as a window can reach back.
    /// </summary>
    private long ReadHorizon(DuckDBConnection connection, ViewTable table)
    {
        long? first = table.Layout.Addressing switch
        {
            PartialAddressing.Session => ExpiredSessions.ReadFirstStart(connection, table, Edition, Staying),
            PartialAddressing.Position => ExpiredCounts.ReadFirstStart(connection, table, SupersededSince),
            _ => ExpiredSlices.ReadFirstStart(connection, table, Staying),
        };
        return Math.Min(Before, first ?? Before) - table.Layout.WindowReach;
    }
}

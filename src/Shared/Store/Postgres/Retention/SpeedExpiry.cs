using Dapper;
using Lambda.Store.Postgres.Columns;
using Lambda.Store.Postgres.Tables;
using Lambda.Views;
using Npgsql;

namespace Lambda.Store.Postgres.Retention;

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
    private string Staying => $"({SupersededSince} OR ({EditionLane.Holds(Edition)} AND slice_end > @before))";

    /// <summary>Removes partials of a view version, and notes from when on its windows have lost none.</summary>
    public async ValueTask<int> RunAsync(NpgsqlConnection connection, ViewTable table)
    {
        if (table.Layout.Addressing is PartialAddressing.Session or PartialAddressing.Position)
        {
            // These go by what lies beside them in their key, one by one.
            await PackedPartials.UnpackAsync(connection, table, Superseded).ConfigureAwait(false);
        }

        long horizon = await ReadHorizonAsync(connection, table).ConfigureAwait(false);
        int removed = await connection.ExecuteAsync(
            table.Layout.Addressing switch
            {
                PartialAddressing.Session => ExpiredSessions.DeleteSql(table, Edition, Superseded),
                PartialAddressing.Position => ExpiredCounts.DeleteSql(table, Current, Superseded),
                _ => ExpiredSlices.DeleteSql(table, Superseded),
            },
            new { horizon = new InstantBound(horizon), Stream, Retention }).ConfigureAwait(false);
        if (removed > 0)
        {
            await connection.ExecuteAsync(
                "UPDATE view_versions SET comparable_from = greatest(comparable_from, @horizon) WHERE id = @Id", new { horizon, table.Id })
                .ConfigureAwait(false);
        }

        return removed;
    }

    /// <summary>
    /// Windows that begin here or later lose nothing. Where windows overlap they share partials, and any cut goes through some of them: so it lies as far
    /// before what stays as a window can reach back.
    /// </summary>
    private async ValueTask<long> ReadHorizonAsync(NpgsqlConnection connection, ViewTable table)
    {
        string sql = table.Layout.Addressing switch
        {
            PartialAddressing.Session => ExpiredSessions.FirstStartSql(table, Edition, Staying),
            PartialAddressing.Position => ExpiredCounts.FirstStartSql(table, SupersededSince),
            _ => ExpiredSlices.FirstStartSql(table, Staying),
        };
        long? first = await connection.ExecuteScalarAsync<long?>(sql, new { before = new InstantBound(Before) }).ConfigureAwait(false);
        return Math.Min(Before, first ?? Before) - table.Layout.WindowReach;
    }
}

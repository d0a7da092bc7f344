using Dapper;
using DuckDB.NET.Data;
using Lambda.Time;
using Lambda.Views;

namespace Lambda.Store.Embedded;

/// <summary>Removes what nothing needs any more.</summary>
internal sealed class Expiry(ViewCatalog catalog, Generations generations, TimeProvider time)
{
    /// <summary>Removes what was superseded before an instant.</summary>
    public int Run(DuckDBConnection connection, BatchLease lease, DateTimeOffset before)
    {
        BatchLeases.Require(connection, lease);
        long instant = UtcMicroseconds.From(before);
        return RemoveGenerations(connection, lease.Stream, instant)
            + RemoveSpeedPartials(connection, lease.Stream, instant)
            + RemoveWithdrawnViews(connection, lease.Stream, instant);
    }

    private int RemoveGenerations(DuckDBConnection connection, string stream, long before)
    {
        List<long> old = [.. connection.Query<long>(
            "SELECT generation FROM generations WHERE stream = $stream AND state = 'Superseded' AND superseded_at < $before",
            new { stream, before })];
        foreach (long generation in old)
        {
            generations.DeletePartials(connection, stream, generation);
            connection.Execute("DELETE FROM generations WHERE stream = $stream AND generation = $generation", new { stream, generation });
        }

        return old.Count;
    }

    /// <summary>
    /// Removes windows whole, so that those which are left can be compared: only windows that ended before the instant, and before every window
    /// that has speed partials which were superseded since. Only of versions that the current generation holds: for others the speed partials are
    /// all there is.
    /// </summary>
    private int RemoveSpeedPartials(DuckDBConnection connection, string stream, long before)
    {
        if (GenerationRow.ReadCurrent(connection, stream) is not { } current || ReadServedAt(connection, stream, before) is not { } served)
        {
            return 0;
        }

        IReadOnlyList<ViewTable> tables = [.. catalog.OfStream(stream)
            .Where(table => current.ViewVersions.GetValueOrDefault(table.Layout.View) == table.Layout.Version)];
        string superseded = EpochFilter.Below(connection, stream, current.Boundary);
        string supersededSince = EpochFilter.Within(connection, stream, served, current.Boundary);
        long retention = Math.Max(0, time.Now() - before);
        long horizon = tables
            .Select(table => table.Layout.Addressing switch
            {
                PartialAddressing.Session => ExpiredSessions.ReadFirstStart(connection, table, supersededSince),
                PartialAddressing.Position => ExpiredCounts.ReadFirstStart(connection, table, supersededSince),
                _ => connection.ExecuteScalar<long?>($"SELECT epoch_us(min(slice_start)) FROM {table.SpeedName} WHERE {supersededSince}"),
            })
            .Append(before)
            .Min() ?? before;
        int removed = tables.Sum(table => connection.Execute(table.Layout.Addressing switch
        {
            PartialAddressing.Session => ExpiredSessions.DeleteSql(table, stream, horizon, superseded, retention),
            PartialAddressing.Position => ExpiredCounts.DeleteSql(table, current.Generation, horizon, superseded),
            _ => $"DELETE FROM {table.SpeedName} WHERE slice_end <= make_timestamp('{horizon}'::BIGINT) AND {superseded}",
        }));
        if (removed > 0)
        {
            connection.Execute(
                "UPDATE streams SET comparable_from = greatest(comparable_from, $horizon) WHERE stream = $stream", new { horizon, stream });
        }

        return removed;
    }

    /// <summary>The boundary of the generation that served at an instant; null when none had been published yet.</summary>
    private static Boundary? ReadServedAt(DuckDBConnection connection, string stream, long instant) =>
        connection.QueryFirstOrDefault<string>(
            """
            SELECT boundary FROM generations WHERE stream = $stream AND state IN ('Current', 'Superseded') AND ended_at < $instant
            ORDER BY generation DESC LIMIT 1
            """,
            new { stream, instant }) is { } boundary
            ? StoredJson.ReadBoundary(boundary)
            : null;

    /// <summary>A version that is not declared any more keeps its place for a while, in case the change of definition is taken back.</summary>
    private static int RemoveWithdrawnViews(DuckDBConnection connection, string stream, long before)
    {
        int removed = 0;
        foreach (int id in connection.Query<int>(
            "SELECT id FROM view_versions WHERE stream = $stream AND withdrawn_at < $before", new { stream, before }).ToList())
        {
            removed += connection.Execute($"DELETE FROM speed_{id}");

            // With its speed partials gone it cannot be taken up where it was left.
            connection.Execute("UPDATE view_versions SET withdrawn_offsets = NULL WHERE id = $id", new { id });
        }

        return removed;
    }
}

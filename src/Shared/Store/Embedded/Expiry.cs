using Dapper;
using DuckDB.NET.Data;
using Lambda.Time;

namespace Lambda.Store.Embedded;

/// <summary>Removes what nothing needs any more.</summary>
internal sealed class Expiry(ViewCatalog catalog, Generations generations)
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

    /// <summary>Only of versions that the current generation holds: for others the speed partials are all there is.</summary>
    private int RemoveSpeedPartials(DuckDBConnection connection, string stream, long before)
    {
        if (GenerationRow.ReadCurrent(connection, stream) is not { } current)
        {
            return 0;
        }

        string superseded = EpochFilter.Below(connection, stream, current.Boundary);
        int removed = 0;
        foreach (ViewTable table in catalog.OfStream(stream)
            .Where(table => current.ViewVersions.GetValueOrDefault(table.Layout.View) == table.Layout.Version))
        {
            removed += connection.Execute(
                $"DELETE FROM {table.SpeedName} WHERE slice_end <= make_timestamp('{before}'::BIGINT) AND {superseded}");
        }

        if (removed > 0)
        {
            connection.Execute(
                "UPDATE streams SET comparable_from = greatest(comparable_from, $before) WHERE stream = $stream", new { before, stream });
        }

        return removed;
    }

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

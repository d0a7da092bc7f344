using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Embedded.Batch;
using Lambda.Store.Embedded.Streams;
using Lambda.Store.Embedded.Tables;
using Lambda.Store.Relational;
using Lambda.Time;

namespace Lambda.Store.Embedded.Retention;

/// <summary>Removes what nothing needs any more.</summary>
internal sealed class Expiry(ViewCatalog catalog, Generations generations, Editions editions, TimeProvider time)
{
    /// <summary>Removes what was superseded before an instant.</summary>
    public int Run(DuckDBConnection connection, BatchLease lease, DateTimeOffset before)
    {
        BatchLeases.Require(connection, lease);
        long instant = UtcMicroseconds.From(before);
        return RemoveGenerations(connection, lease.Stream, instant)
            + RemoveSpeedPartials(connection, lease.Stream, instant)
            + RemoveWithdrawnViews(connection, lease.Stream, instant)
            + editions.Expire(connection, lease.Stream, instant)
            + MergeEpochs(connection, lease.Stream);
    }

    private int RemoveGenerations(DuckDBConnection connection, string stream, long before)
    {
        List<long> old = [.. connection.Query<long>(
            "SELECT generation FROM generations WHERE stream = $stream AND state = 'Superseded' AND superseded_at < $before",
            new { stream, before })];
        foreach (long generation in old)
        {
            generations.Remove(connection, GenerationRows.Find(connection, stream, generation)!.ToInfo());
        }

        return old.Count;
    }

    private static int MergeEpochs(DuckDBConnection connection, string stream) => SealedEpochs
        .MergeSql("$stream", [.. connection.Query<string>("SELECT boundary FROM generations WHERE stream = $stream AND state <> 'Rejected'", new { stream }).Select(StoredJson.ReadBoundary)])
        .Sum(sql => connection.Execute(sql, new { stream }));

    /// <summary>Only of versions that the current generation holds: for others the speed partials are all there is.</summary>
    private int RemoveSpeedPartials(DuckDBConnection connection, string stream, long before)
    {
        if (GenerationRows.ReadCurrent(connection, stream) is not { } current || ReadCovered(connection, stream, before) is not { } covered)
        {
            return 0;
        }

        IReadOnlyList<EpochInfo> epochs = StreamReads.ReadEpochs(connection, stream);
        SpeedExpiry expiry = new(
            stream,
            current,
            before,
            Retention: Math.Max(0, time.Now() - before),
            Superseded: EpochFilter.Below(epochs, current.Boundary),
            SupersededSince: EpochFilter.Within(epochs, covered, current.Boundary),
            Edition: ViewCatalog.ReadEdition(connection, stream));
        return catalog.OfStream(stream)
            .Where(table => current.Holds(table.Layout))
            .Sum(table => expiry.Run(connection, table));
    }

    /// <summary>What all generations cover that are kept; null when none had been published yet at an instant.</summary>
    private static Boundary? ReadCovered(DuckDBConnection connection, string stream, long instant) => KeptGenerations.CoveredByAll(
        [
            .. connection.Query<(string, long)>(
                "SELECT boundary, ended_at FROM generations WHERE stream = $stream AND state IN ('Current', 'Superseded')", new { stream }),
        ],
        instant);

    /// <summary>A version that is not declared any more keeps its place for a while, in case the change of definition is taken back.</summary>
    private static int RemoveWithdrawnViews(DuckDBConnection connection, string stream, long before)
    {
        int removed = 0;
        string live = EditionLane.Holds(ViewCatalog.ReadEdition(connection, stream));
        foreach (int id in connection.Query<int>(
            "SELECT id FROM view_versions WHERE stream = $stream AND withdrawn_at < $before", new { stream, before }).ToList())
        {
            removed += connection.Execute($"DELETE FROM speed_{id} WHERE {live}");

            // With its speed partials gone it cannot be taken up where it was left.
            connection.Execute("UPDATE view_versions SET withdrawn_offsets = NULL WHERE id = $id", new { id });
        }

        return removed;
    }
}

using Dapper;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Lambda.Store.Embedded.Vectors;
using Lambda.Store.Relational;
using Lambda.Time;
using Lambda.Views;

namespace Lambda.Store.Embedded;

/// <summary>The life of a generation from its beginning to its publication or rejection.</summary>
internal sealed class Generations(ViewCatalog catalog, TimeProvider time)
{
    /// <summary>Begins a generation, in place of any that were not finished.</summary>
    public long Begin(DuckDBConnection connection, BatchLease lease, GenerationPlan plan)
    {
        BatchLeases.Require(connection, lease);
        string stream = lease.Stream;
        foreach (PartialLayout layout in plan.Views)
        {
            catalog.Find(layout);
        }

        CheckBoundary(connection, stream, plan.Boundary);
        foreach (long unfinished in connection.Query<long>(
            "SELECT generation FROM generations WHERE stream = $stream AND state = 'Writing'", new { stream }).ToList())
        {
            DeletePartials(connection, stream, unfinished);
        }

        connection.Execute("DELETE FROM generations WHERE stream = $stream AND state = 'Writing'", new { stream });
        connection.Execute("UPDATE streams SET last_generation = last_generation + 1 WHERE stream = $stream", new { stream });
        long generation = connection.QuerySingle<long>("SELECT last_generation FROM streams WHERE stream = $stream", new { stream });
        connection.Execute(
            "INSERT INTO generations VALUES ($stream, $generation, 'Writing', $historyVersion, $boundary, $views, $now, NULL, NULL)",
            new
            {
                stream,
                generation,
                historyVersion = plan.HistoryVersion,
                boundary = StoredJson.Write(plan.Boundary),
                views = StoredJson.Write(plan.Views.ToDictionary(layout => layout.View, layout => layout.Version)),
                now = time.Now(),
            });
        return generation;
    }

    /// <summary>Adds partials to a generation that is being written.</summary>
    public int Write(DuckDBConnection connection, BatchLease lease, long generation, PartialKind kind, PartialBatch partials)
    {
        BatchLeases.Require(connection, lease);
        GenerationInfo info = GenerationRows.RequireWriting(connection, lease.Stream, generation);
        GenerationRules.RequireView(info, partials.Layout);
        ChunkAppend.Run(
            connection,
            null,
            catalog.Find(partials.Layout).BatchName,
            [
                new ConstantVectorWriter<long>(DuckDBType.BigInt, generation),
                new ConstantVectorWriter<int>(DuckDBType.Integer, (int)kind),
                .. ViewTable.Writers(partials),
            ],
            0,
            partials.Count);
        return partials.Count;
    }

    /// <summary>Makes a generation the current one.</summary>
    public int Publish(DuckDBConnection connection, BatchLease lease, long generation, Publication publication)
    {
        BatchLeases.Require(connection, lease);
        string stream = lease.Stream;
        GenerationInfo info = GenerationRows.RequireWriting(connection, stream, generation);
        GenerationRules.RequirePublishable(info, publication.Report);
        CheckBoundary(connection, stream, info.Boundary);
        long now = time.Now();
        connection.Execute(
            "UPDATE generations SET state = 'Superseded', superseded_at = $now WHERE stream = $stream AND state = 'Current'", new { now, stream });
        connection.Execute(
            "UPDATE generations SET state = 'Current', ended_at = $now WHERE stream = $stream AND generation = $generation",
            new { now, stream, generation });
        AuditTable.Add(connection, publication.Report);
        MetricTable.Add(connection, publication.Report);
        CorrectionTable.Add(connection, catalog, stream, generation, now, publication.Corrections);
        QuarantineTable.Add(connection, QuarantineTable.BatchLayer, publication.Quarantine);
        return publication.Corrections.Count;
    }

    /// <summary>Gives a generation up.</summary>
    public int Reject(DuckDBConnection connection, BatchLease lease, long generation, AuditReport report)
    {
        BatchLeases.Require(connection, lease);
        GenerationRows.RequireWriting(connection, lease.Stream, generation);
        DeletePartials(connection, lease.Stream, generation);
        connection.Execute(
            "UPDATE generations SET state = 'Rejected', ended_at = $now WHERE stream = $stream AND generation = $generation",
            new { now = time.Now(), stream = lease.Stream, generation });
        AuditTable.Add(connection, report);
        return 0;
    }

    /// <summary>Removes the partials of a generation in all views of the stream.</summary>
    public void DeletePartials(DuckDBConnection connection, string stream, long generation)
    {
        foreach (ViewTable table in catalog.OfStream(stream))
        {
            connection.Execute($"DELETE FROM {table.BatchName} WHERE generation = {generation}");
        }
    }

    private static void CheckBoundary(DuckDBConnection connection, string stream, Boundary boundary) => BoundaryRules.Check(
        stream,
        boundary,
        connection.ExecuteScalar<int>("SELECT count(*)::INTEGER FROM partitions WHERE stream = $stream", new { stream }),
        StreamReads.ReadEpochs(connection, stream),
        GenerationRows.ReadCurrent(connection, stream));
}

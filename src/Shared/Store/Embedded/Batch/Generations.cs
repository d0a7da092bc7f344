using Dapper;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Lambda.Log;
using Lambda.Store.Embedded.Streams;
using Lambda.Store.Embedded.Tables;
using Lambda.Store.Embedded.Vectors;
using Lambda.Store.Relational;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Store.Embedded.Batch;

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
        GenerationRules.RequireCarriable(stream, plan, GenerationRows.ReadCurrent(connection, stream));
        foreach (long unfinished in connection.Query<long>(
            "SELECT generation FROM generations WHERE stream = $stream AND state = 'Writing'", new { stream }).ToList())
        {
            Remove(connection, GenerationRows.Find(connection, stream, unfinished)!.ToInfo());
        }

        connection.Execute("UPDATE streams SET last_generation = last_generation + 1 WHERE stream = $stream", new { stream });
        long generation = connection.QuerySingle<long>("SELECT last_generation FROM streams WHERE stream = $stream", new { stream });
        connection.Execute(
            "INSERT INTO generations VALUES ($stream, $generation, 'Writing', $historyVersion, $boundary, $views, $now, NULL, NULL, $root, false)",
            new
            {
                stream,
                generation,
                historyVersion = plan.HistoryVersion,
                boundary = StoredJson.Write(plan.Boundary),
                views = StoredJson.Write(plan.Views.ToDictionary(layout => layout.View, layout => layout.Version)),
                now = time.Now(),
                root = plan.BasedOn is { } shared && !IsBranched(connection, shared) ? shared.Root : generation,
            });
        if (plan.BasedOn is { } copied && IsBranched(connection, copied))
        {
            Copy(connection, plan, copied, generation);
        }

        return generation;
    }

    /// <summary>Takes out partials that a generation has carried over.</summary>
    public PartialBatch Take(DuckDBConnection connection, BatchLease lease, long generation, PartialKind kind, PartialBatch touched) =>
        Take(connection, RequireWriting(connection, lease, generation), kind, touched);

    /// <summary>A generation that the holder of the lease may write to.</summary>
    public static GenerationInfo RequireWriting(DuckDBConnection connection, BatchLease lease, long generation)
    {
        BatchLeases.Require(connection, lease);
        return GenerationRows.RequireWriting(connection, lease.Stream, generation);
    }

    /// <summary>Takes out partials that a generation has carried over, which is being written, and adds others in their place.</summary>
    public void Exchange(DuckDBConnection connection, GenerationInfo generation, IEnumerable<CarriedExchange> exchanges)
    {
        foreach ((PartialKind kind, PartialBatch touched, Func<PartialBatch, PartialBatch> replace) in exchanges)
        {
            PartialBatch written = replace(Take(connection, generation, kind, touched));
            if (written.Count > 0)
            {
                Append(connection, generation.Generation, kind, written);
            }
        }
    }

    /// <summary>Notes events that count in nothing of a generation.</summary>
    public static int WriteRemoved(DuckDBConnection connection, BatchLease lease, long generation, IReadOnlyList<LogPosition> removed)
    {
        RequireWriting(connection, lease, generation);
        return RemovedEventTable.Add(connection, lease.Stream, generation, removed);
    }

    /// <summary>Takes positions out of the events that a generation has carried over as removed.</summary>
    public static int TakeRemoved(DuckDBConnection connection, BatchLease lease, long generation, IReadOnlyCollection<LogPosition> positions) =>
        RemovedEventTable.Take(connection, RequireWriting(connection, lease, generation), positions);

    /// <summary>Requires that partials of a view may be added to a generation.</summary>
    public static void RequireWritable(DuckDBConnection connection, BatchLease lease, long generation, PartialLayout view) =>
        GenerationRules.RequireView(RequireWriting(connection, lease, generation), view);

    /// <summary>Adds partials to a generation that is being written.</summary>
    public void Append(DuckDBConnection connection, long generation, PartialKind kind, PartialBatch partials) => ChunkAppend.Run(
        connection,
        null,
        catalog.Find(partials.Layout).BatchName,
        [
            new ConstantVectorWriter<long>(DuckDBType.BigInt, generation),
            new ConstantVectorWriter<int>(DuckDBType.Integer, (int)kind),
            .. ViewTable.Writers(partials),
            new ConstantVectorWriter<long>(DuckDBType.BigInt, GenerationFilter.Held),
        ],
        0,
        partials.Count);

    /// <summary>Makes a generation the current one.</summary>
    public int Publish(DuckDBConnection connection, BatchLease lease, long generation, Publication publication)
    {
        string stream = lease.Stream;
        GenerationInfo info = RequireWriting(connection, lease, generation);
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
        GenerationBases.Add(connection, stream, generation, publication.Basis);
        return publication.Corrections.Count;
    }

    /// <summary>Gives a generation up.</summary>
    public int Reject(DuckDBConnection connection, BatchLease lease, long generation, AuditReport report)
    {
        RemovePartials(connection, RequireWriting(connection, lease, generation));
        connection.Execute(
            "UPDATE generations SET state = 'Rejected', ended_at = $now WHERE stream = $stream AND generation = $generation",
            new { now = time.Now(), stream = lease.Stream, generation });
        AuditTable.Add(connection, report);
        return 0;
    }

    /// <summary>Makes a superseded generation the current one again.</summary>
    public int RollBack(DuckDBConnection connection, BatchLease lease, long generation)
    {
        BatchLeases.Require(connection, lease);
        string stream = lease.Stream;
        GenerationRow.RequireSuperseded(GenerationRows.Find(connection, stream, generation), stream, generation);
        connection.Execute(
            "UPDATE generations SET state = 'Superseded', superseded_at = $now WHERE stream = $stream AND state = 'Current'",
            new { now = time.Now(), stream });
        connection.Execute(
            """
            UPDATE generations SET state = 'Current', superseded_at = NULL, is_branched = true
            WHERE stream = $stream AND generation = $generation
            """,
            new { stream, generation });
        return 0;
    }

    /// <summary>Gives a generation up without a trace.</summary>
    public int Discard(DuckDBConnection connection, BatchLease lease, long generation)
    {
        Remove(connection, RequireWriting(connection, lease, generation));
        return 0;
    }

    /// <summary>Removes a generation and all that it alone holds.</summary>
    public void Remove(DuckDBConnection connection, GenerationInfo generation)
    {
        RemovePartials(connection, generation);
        connection.Execute("DELETE FROM generations WHERE stream = $Stream AND generation = $Generation", new { generation.Stream, generation.Generation });
    }

    /// <summary>Removes what a generation alone holds; what one that was not published has taken out of the current one stays in that.</summary>
    private void RemovePartials(DuckDBConnection connection, GenerationInfo generation)
    {
        string only = GenerationFilter.OnlyOf(generation, connection.Query<long>(
            "SELECT generation FROM generations WHERE stream = $Stream AND coalesce(root, generation) = $Root AND state IN ('Writing', 'Current', 'Superseded')",
            new { generation.Stream, generation.Root }));
        foreach (ViewTable table in catalog.OfStream(generation.Stream))
        {
            connection.Execute($"DELETE FROM {table.BatchName} WHERE {only}");
            if (generation.State == GenerationState.Writing)
            {
                connection.Execute(
                    $"""
                    UPDATE {table.BatchName} SET replaced_by = {GenerationFilter.Held}
                    WHERE replaced_by = {generation.Generation} AND generation BETWEEN {generation.Root} AND {generation.Generation}
                    """);
            }
        }

        RemovedEventTable.Remove(connection, generation, only);
        GenerationBases.Remove(connection, generation);
    }

    private PartialBatch Take(DuckDBConnection connection, GenerationInfo generation, PartialKind kind, PartialBatch touched)
    {
        GenerationRules.RequireView(generation, touched.Layout);
        return CarriedPartials.Take(connection, catalog.Find(touched.Layout), generation, kind, touched);
    }

    private static bool IsBranched(DuckDBConnection connection, GenerationInfo generation) =>
        GenerationRows.Find(connection, generation.Stream, generation.Generation) is { IsBranched: true };

    /// <summary>Copies what a generation holds, whose rows cannot be shared.</summary>
    private void Copy(DuckDBConnection connection, GenerationPlan plan, GenerationInfo from, long to)
    {
        foreach (ViewTable table in plan.Views.Select(catalog.Find))
        {
            connection.Execute(
                $"""
                INSERT INTO {table.BatchName} (generation, kind, {table.PartialColumns}) SELECT {to}, kind, {table.PartialColumns} FROM {table.BatchName}
                WHERE {GenerationFilter.Of(from, table.BatchName)}
                """);
        }

        RemovedEventTable.Copy(connection, from, to);
    }

    private static void CheckBoundary(DuckDBConnection connection, string stream, Boundary boundary) => BoundaryRules.Check(
        stream,
        boundary,
        connection.ExecuteScalar<int>("SELECT count(*)::INTEGER FROM partitions WHERE stream = $stream", new { stream }),
        StreamReads.ReadEpochs(connection, stream),
        GenerationRows.ReadCurrent(connection, stream));
}

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

        (GenerationRow? current, IReadOnlyList<GenerationInfo> unfinished) = ReadLiving(connection, stream);
        CheckBoundary(connection, stream, plan.Boundary, current?.ToInfo());
        GenerationRules.RequireCarriable(stream, plan, current?.ToInfo());
        foreach (GenerationInfo left in unfinished)
        {
            Remove(connection, left);
        }

        // What is carried over is the current generation.
        GenerationInfo? shared = current is { IsBranched: false } ? plan.BasedOn : null;
        long generation = connection.QuerySingle<long>(
            "UPDATE streams SET last_generation = last_generation + 1 WHERE stream = $stream RETURNING last_generation", new { stream });
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
                root = shared?.Root ?? generation,
            });
        if (shared is null && plan.BasedOn is { } copied)
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

    /// <summary>Adds corrections to a generation that is being written.</summary>
    public void AppendCorrections(DuckDBConnection connection, string stream, long generation, IReadOnlyList<Correction> corrections) =>
        CorrectionTable.Add(connection, catalog, stream, generation, time.Now(), corrections);

    /// <summary>Makes a generation the current one.</summary>
    public int Publish(DuckDBConnection connection, BatchLease lease, long generation, Publication publication)
    {
        string stream = lease.Stream;
        BatchLeases.Require(connection, lease);
        (GenerationRow? current, IReadOnlyList<GenerationInfo> unfinished) = ReadLiving(connection, stream);
        GenerationInfo info = unfinished.FirstOrDefault(writing => writing.Generation == generation) ?? GenerationRows.RequireWriting(connection, stream, generation);
        GenerationRules.RequirePublishable(info, publication.Report);
        CheckBoundary(connection, stream, info.Boundary, current?.ToInfo());
        long now = time.Now();
        connection.Execute(
            """
            UPDATE generations SET
                state = CASE generation WHEN $generation THEN 'Current' ELSE 'Superseded' END,
                ended_at = CASE generation WHEN $generation THEN $now ELSE ended_at END,
                superseded_at = CASE generation WHEN $generation THEN superseded_at ELSE $now END
            WHERE stream = $stream AND (generation = $generation OR state = 'Current')
            """,
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
                CorrectionTable.Remove(connection, table, generation.Generation);
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

    /// <summary>The current generation, null before the first publication, and those that are being written.</summary>
    private static (GenerationRow? Current, IReadOnlyList<GenerationInfo> Unfinished) ReadLiving(DuckDBConnection connection, string stream)
    {
        ILookup<bool, GenerationRow> rows = GenerationRows.ReadUnfinishedAndCurrent(connection, stream).ToLookup(row => row.State == nameof(GenerationState.Current));
        return (rows[true].SingleOrDefault(), [.. rows[false].Select(row => row.ToInfo())]);
    }

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

    private static void CheckBoundary(DuckDBConnection connection, string stream, Boundary boundary, GenerationInfo? current) => BoundaryRules.Check(
        stream,
        boundary,
        connection.ExecuteScalar<int>("SELECT count(*)::INTEGER FROM partitions WHERE stream = $stream", new { stream }),
        StreamReads.ReadEpochs(connection, stream),
        current);
}

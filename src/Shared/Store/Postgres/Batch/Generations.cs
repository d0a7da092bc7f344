using Dapper;
using Lambda.Log;
using Lambda.Store.Postgres.Database;
using Lambda.Store.Postgres.Streams;
using Lambda.Store.Postgres.Tables;
using Lambda.Store.Relational;
using Lambda.Views;
using Lambda.Views.Partials;
using Npgsql;

namespace Lambda.Store.Postgres.Batch;

/// <summary>The life of a generation from its beginning to its publication or rejection.</summary>
internal sealed class Generations(ViewCatalog catalog, StoreClock clock)
{
    /// <summary>Begins a generation, in place of any that were not finished.</summary>
    public async ValueTask<long> BeginAsync(NpgsqlConnection connection, BatchLease lease, GenerationPlan plan)
    {
        string stream = lease.Stream;
        foreach (PartialLayout layout in plan.Views)
        {
            await catalog.FindAsync(connection, layout).ConfigureAwait(false);
        }

        await CheckBoundaryAsync(connection, stream, plan.Boundary).ConfigureAwait(false);
        GenerationRules.RequireCarriable(stream, plan, await GenerationRows.ReadCurrentAsync(connection, stream).ConfigureAwait(false));
        foreach (long unfinished in await connection.QueryAsync<long>(
            "SELECT generation FROM generations WHERE stream = @stream AND state = 'Writing'", new { stream }).ConfigureAwait(false))
        {
            await RemoveAsync(connection, (await GenerationRows.FindAsync(connection, stream, unfinished).ConfigureAwait(false))!.ToInfo())
                .ConfigureAwait(false);
        }

        GenerationInfo? copied = plan.BasedOn is { } basis
            && await GenerationRows.FindAsync(connection, stream, basis.Generation).ConfigureAwait(false) is { IsBranched: true } ? basis : null;
        long generation = await connection.QuerySingleAsync<long>(
            "UPDATE streams SET last_generation = last_generation + 1 WHERE stream = @stream RETURNING last_generation", new { stream })
            .ConfigureAwait(false);
        await connection.ExecuteAsync(
            $"INSERT INTO generations VALUES (@stream, @generation, 'Writing', @HistoryVersion, @boundary, @views, {StoreClock.Sql}, NULL, NULL, @root, false)",
            new
            {
                stream,
                generation,
                plan.HistoryVersion,
                boundary = StoredJson.Write(plan.Boundary),
                views = StoredJson.Write(plan.Views.ToDictionary(layout => layout.View, layout => layout.Version)),
                now = clock.Given,
                root = copied is null ? plan.BasedOn?.Root ?? generation : generation,
            }).ConfigureAwait(false);
        if (copied is not null)
        {
            await CopyAsync(connection, plan, copied, generation).ConfigureAwait(false);
        }

        return generation;
    }

    /// <summary>Takes out partials that a generation has carried over.</summary>
    public async ValueTask<PartialBatch> TakeAsync(
        NpgsqlConnection connection, BatchLease lease, long generation, PartialKind kind, PartialBatch touched)
    {
        GenerationInfo info = await GenerationRows.RequireWritingAsync(connection, lease.Stream, generation).ConfigureAwait(false);
        GenerationRules.RequireView(info, touched.Layout);
        ViewTable table = await catalog.FindAsync(connection, touched.Layout).ConfigureAwait(false);
        return await CarriedPartials.TakeAsync(connection, table, info, kind, touched).ConfigureAwait(false);
    }

    /// <summary>Takes out partials that a generation has carried over, and adds others in their place.</summary>
    public async ValueTask<int> ExchangeAsync(NpgsqlConnection connection, BatchLease lease, long generation, IReadOnlyList<CarriedExchange> exchanges)
    {
        foreach ((PartialKind kind, PartialBatch touched, Func<PartialBatch, PartialBatch> replace) in exchanges)
        {
            PartialBatch written = replace(await TakeAsync(connection, lease, generation, kind, touched).ConfigureAwait(false));
            if (written.Count > 0)
            {
                ViewTable table = await catalog.FindAsync(connection, written.Layout).ConfigureAwait(false);
                await PartialCopy.AddToGenerationAsync(connection, table, generation, kind, written).ConfigureAwait(false);
            }
        }

        return exchanges.Count;
    }

    /// <summary>Notes events that count in nothing of a generation.</summary>
    public static async ValueTask<int> WriteRemovedAsync(
        NpgsqlConnection connection, BatchLease lease, long generation, IReadOnlyList<LogPosition> removed)
    {
        await GenerationRows.RequireWritingAsync(connection, lease.Stream, generation).ConfigureAwait(false);
        return await RemovedEventTable.AddAsync(connection, lease.Stream, generation, removed).ConfigureAwait(false);
    }

    /// <summary>Adds corrections to a generation that is being written.</summary>
    public async ValueTask<int> WriteCorrectionsAsync(
        NpgsqlConnection connection, BatchLease lease, long generation, IReadOnlyList<Correction> corrections)
    {
        await GenerationRows.RequireWritingAsync(connection, lease.Stream, generation).ConfigureAwait(false);
        await CorrectionTable.AddAsync(connection, catalog, clock, lease.Stream, generation, corrections).ConfigureAwait(false);
        return corrections.Count;
    }

    /// <summary>Takes positions out of the events that a generation has carried over as removed.</summary>
    public static async ValueTask<int> TakeRemovedAsync(
        NpgsqlConnection connection, BatchLease lease, long generation, IReadOnlyCollection<LogPosition> positions) => await RemovedEventTable.TakeAsync(
            connection, await GenerationRows.RequireWritingAsync(connection, lease.Stream, generation).ConfigureAwait(false), positions).ConfigureAwait(false);

    /// <summary>Adds partials to a generation that is being written.</summary>
    public async ValueTask<int> WriteAsync(NpgsqlConnection connection, BatchLease lease, long generation, PartialKind kind, PartialBatch partials)
    {
        GenerationInfo info = await GenerationRows.RequireWritingAsync(connection, lease.Stream, generation).ConfigureAwait(false);
        GenerationRules.RequireView(info, partials.Layout);
        ViewTable table = await catalog.FindAsync(connection, partials.Layout).ConfigureAwait(false);
        return await PartialCopy.AddToGenerationAsync(connection, table, generation, kind, partials).ConfigureAwait(false);
    }

    /// <summary>Makes a generation the current one.</summary>
    public async ValueTask<int> PublishAsync(NpgsqlConnection connection, BatchLease lease, long generation, Publication publication)
    {
        string stream = lease.Stream;
        GenerationInfo info = await GenerationRows.RequireWritingAsync(connection, stream, generation).ConfigureAwait(false);
        GenerationRules.RequirePublishable(info, publication.Report);
        await AuditTable.AddAsync(connection, publication.Report).ConfigureAwait(false);
        await MetricTable.AddAsync(connection, publication.Report).ConfigureAwait(false);
        await CorrectionTable.AddAsync(connection, catalog, clock, stream, generation, publication.Corrections).ConfigureAwait(false);
        await GenerationBases.AddAsync(connection, stream, generation, publication.Basis).ConfigureAwait(false);

        // From here on commits wait, so that none of them reaches across the new boundary; all that is long is done.
        await PartitionRows.LockAllAsync(connection, stream).ConfigureAwait(false);
        await CheckBoundaryAsync(connection, stream, info.Boundary).ConfigureAwait(false);
        await QuarantineTable.AddAsync(connection, QuarantineTable.BatchLayer, publication.Quarantine).ConfigureAwait(false);
        await connection.ExecuteAsync(
            $"""
            UPDATE generations SET state = 'Superseded', superseded_at = {StoreClock.Sql} WHERE stream = @stream AND state = 'Current';
            UPDATE generations SET state = 'Current', ended_at = {StoreClock.Sql} WHERE stream = @stream AND generation = @generation
            """,
            new { now = clock.Given, stream, generation }).ConfigureAwait(false);
        await connection.ExecuteAsync("SELECT show_answers(@stream)", new { stream }).ConfigureAwait(false);
        return publication.Corrections.Count;
    }

    /// <summary>Gives a generation up.</summary>
    public async ValueTask<int> RejectAsync(NpgsqlConnection connection, BatchLease lease, long generation, AuditReport report)
    {
        await RemovePartialsAsync(
            connection, await GenerationRows.RequireWritingAsync(connection, lease.Stream, generation).ConfigureAwait(false)).ConfigureAwait(false);
        await connection.ExecuteAsync(
            $"UPDATE generations SET state = 'Rejected', ended_at = {StoreClock.Sql} WHERE stream = @Stream AND generation = @generation",
            new { now = clock.Given, lease.Stream, generation }).ConfigureAwait(false);
        await AuditTable.AddAsync(connection, report).ConfigureAwait(false);
        return 0;
    }

    /// <summary>Makes a superseded generation the current one again.</summary>
    public async ValueTask<int> RollBackAsync(NpgsqlConnection connection, BatchLease lease, long generation)
    {
        string stream = lease.Stream;
        await PartitionRows.LockAllAsync(connection, stream).ConfigureAwait(false);
        GenerationRow.RequireSuperseded(await GenerationRows.FindAsync(connection, stream, generation).ConfigureAwait(false), stream, generation);
        await connection.ExecuteAsync(
            $"""
            UPDATE generations SET state = 'Superseded', superseded_at = {StoreClock.Sql} WHERE stream = @stream AND state = 'Current';
            UPDATE generations SET state = 'Current', superseded_at = NULL, is_branched = true WHERE stream = @stream AND generation = @generation
            """,
            new { now = clock.Given, stream, generation }).ConfigureAwait(false);
        await connection.ExecuteAsync("SELECT show_answers(@stream)", new { stream }).ConfigureAwait(false);
        return 0;
    }

    /// <summary>Gives a generation up without a trace.</summary>
    public static async ValueTask<int> DiscardAsync(NpgsqlConnection connection, BatchLease lease, long generation)
    {
        await RemoveAsync(connection, await GenerationRows.RequireWritingAsync(connection, lease.Stream, generation).ConfigureAwait(false))
            .ConfigureAwait(false);
        return 0;
    }

    /// <summary>Removes a generation and all that it alone holds.</summary>
    public static async ValueTask RemoveAsync(NpgsqlConnection connection, GenerationInfo generation)
    {
        await RemovePartialsAsync(connection, generation).ConfigureAwait(false);
        await connection.ExecuteAsync(
            "DELETE FROM generations WHERE stream = @Stream AND generation = @Generation", new { generation.Stream, generation.Generation })
            .ConfigureAwait(false);
    }

    /// <summary>Removes what a generation alone holds; what one that was not published has taken out of the current one stays in that.</summary>
    private static async ValueTask RemovePartialsAsync(NpgsqlConnection connection, GenerationInfo generation)
    {
        string only = GenerationFilter.OnlyOf(generation, await connection.QueryAsync<long>(
            "SELECT generation FROM generations WHERE stream = @Stream AND root = @Root AND state IN ('Writing', 'Current', 'Superseded')",
            new { generation.Stream, generation.Root }).ConfigureAwait(false));
        foreach (ViewTable table in await ViewCatalog.ReadAsync(connection, generation.Stream).ConfigureAwait(false))
        {
            await connection.ExecuteAsync($"DELETE FROM {table.BatchName} WHERE {only}").ConfigureAwait(false);
            if (generation.State == GenerationState.Writing)
            {
                await connection.ExecuteAsync(
                    $"""
                    UPDATE {table.BatchName} SET replaced_by = {GenerationFilter.Held}
                    WHERE replaced_by = {generation.Generation} AND generation BETWEEN {generation.Root} AND {generation.Generation}
                    """).ConfigureAwait(false);
                await CorrectionTable.RemoveAsync(connection, table, generation.Generation).ConfigureAwait(false);
            }
        }

        await RemovedEventTable.RemoveAsync(connection, generation, only).ConfigureAwait(false);
        await GenerationBases.RemoveAsync(connection, generation).ConfigureAwait(false);
    }

    /// <summary>Copies what a generation holds, whose rows cannot be shared.</summary>
    private async ValueTask CopyAsync(NpgsqlConnection connection, GenerationPlan plan, GenerationInfo from, long to)
    {
        foreach (PartialLayout layout in plan.Views)
        {
            ViewTable table = await catalog.FindAsync(connection, layout).ConfigureAwait(false);
            await connection.ExecuteAsync(
                $"""
                INSERT INTO {table.BatchName} (generation, kind, {ViewTable.Address}, {table.PartialColumns})
                SELECT {to}, kind, {ViewTable.Address}, {table.PartialColumns} FROM {table.BatchName} WHERE {GenerationFilter.Of(from, table.BatchName)}
                """).ConfigureAwait(false);
        }

        await RemovedEventTable.CopyAsync(connection, from, to).ConfigureAwait(false);
    }

    private static async ValueTask CheckBoundaryAsync(NpgsqlConnection connection, string stream, Boundary boundary) => BoundaryRules.Check(
        stream,
        boundary,
        await connection.ExecuteScalarAsync<int>("SELECT count(*)::integer FROM partitions WHERE stream = @stream", new { stream }).ConfigureAwait(false),
        await StreamReads.ReadEpochsAsync(connection, stream).ConfigureAwait(false),
        await GenerationRows.ReadCurrentAsync(connection, stream).ConfigureAwait(false));
}

using Dapper;
using Lambda.Store.Relational;
using Lambda.Views;
using Npgsql;

namespace Lambda.Store.Postgres;

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
        foreach (long unfinished in await connection.QueryAsync<long>(
            "SELECT generation FROM generations WHERE stream = @stream AND state = 'Writing'", new { stream }).ConfigureAwait(false))
        {
            await DeletePartialsAsync(connection, stream, unfinished).ConfigureAwait(false);
        }

        await connection.ExecuteAsync("DELETE FROM generations WHERE stream = @stream AND state = 'Writing'", new { stream }).ConfigureAwait(false);
        long generation = await connection.QuerySingleAsync<long>(
            "UPDATE streams SET last_generation = last_generation + 1 WHERE stream = @stream RETURNING last_generation", new { stream })
            .ConfigureAwait(false);
        await connection.ExecuteAsync(
            $"INSERT INTO generations VALUES (@stream, @generation, 'Writing', @HistoryVersion, @boundary, @views, {StoreClock.Sql}, NULL, NULL)",
            new
            {
                stream,
                generation,
                plan.HistoryVersion,
                boundary = StoredJson.Write(plan.Boundary),
                views = StoredJson.Write(plan.Views.ToDictionary(layout => layout.View, layout => layout.Version)),
                now = clock.Given,
            }).ConfigureAwait(false);
        return generation;
    }

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
        await GenerationRows.RequireWritingAsync(connection, lease.Stream, generation).ConfigureAwait(false);
        await DeletePartialsAsync(connection, lease.Stream, generation).ConfigureAwait(false);
        await connection.ExecuteAsync(
            $"UPDATE generations SET state = 'Rejected', ended_at = {StoreClock.Sql} WHERE stream = @Stream AND generation = @generation",
            new { now = clock.Given, lease.Stream, generation }).ConfigureAwait(false);
        await AuditTable.AddAsync(connection, report).ConfigureAwait(false);
        return 0;
    }

    /// <summary>Removes the partials of a generation in all views of the stream.</summary>
    public static async ValueTask DeletePartialsAsync(NpgsqlConnection connection, string stream, long generation)
    {
        foreach (ViewTable table in await ViewCatalog.ReadAsync(connection, stream).ConfigureAwait(false))
        {
            await connection.ExecuteAsync($"DELETE FROM {table.BatchName} WHERE generation = @generation", new { generation }).ConfigureAwait(false);
        }
    }

    private static async ValueTask CheckBoundaryAsync(NpgsqlConnection connection, string stream, Boundary boundary) => BoundaryRules.Check(
        stream,
        boundary,
        await connection.ExecuteScalarAsync<int>("SELECT count(*)::integer FROM partitions WHERE stream = @stream", new { stream }).ConfigureAwait(false),
        await StreamReads.ReadEpochsAsync(connection, stream).ConfigureAwait(false),
        await GenerationRows.ReadCurrentAsync(connection, stream).ConfigureAwait(false));
}

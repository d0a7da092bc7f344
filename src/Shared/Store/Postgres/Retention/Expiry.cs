using Dapper;
using Lambda.Store.Postgres.Batch;
using Lambda.Store.Postgres.Database;
using Lambda.Store.Postgres.Streams;
using Lambda.Store.Postgres.Tables;
using Lambda.Store.Relational;
using Lambda.Time;
using Npgsql;

namespace Lambda.Store.Postgres.Retention;

/// <summary>Removes what nothing needs any more.</summary>
internal sealed class Expiry(StoreClock clock)
{
    /// <summary>Removes what was superseded before an instant.</summary>
    public async ValueTask<int> RunAsync(NpgsqlConnection connection, BatchLease lease, DateTimeOffset before)
    {
        long instant = UtcMicroseconds.From(before);
        return await RemoveGenerationsAsync(connection, lease.Stream, instant).ConfigureAwait(false)
            + await RemoveSpeedPartialsAsync(connection, lease.Stream, instant).ConfigureAwait(false)
            + await RemoveWithdrawnViewsAsync(connection, lease.Stream, instant).ConfigureAwait(false)
            + await Editions.ExpireAsync(connection, lease.Stream, instant).ConfigureAwait(false)
            + await MergeEpochsAsync(connection, lease.Stream).ConfigureAwait(false);
    }

    private static async ValueTask<int> RemoveGenerationsAsync(NpgsqlConnection connection, string stream, long before)
    {
        List<long> old = [.. await connection.QueryAsync<long>(
            "SELECT generation FROM generations WHERE stream = @stream AND state = 'Superseded' AND superseded_at < @before",
            new { stream, before }).ConfigureAwait(false)];
        foreach (long generation in old)
        {
            await Generations.RemoveAsync(connection, (await GenerationRows.FindAsync(connection, stream, generation).ConfigureAwait(false))!.ToInfo())
                .ConfigureAwait(false);
        }

        return old.Count;
    }

    private static async ValueTask<int> MergeEpochsAsync(NpgsqlConnection connection, string stream)
    {
        IEnumerable<string> boundaries = await connection.QueryAsync<string>("SELECT boundary FROM generations WHERE stream = @stream AND state <> 'Rejected'", new { stream }).ConfigureAwait(false);
        int merged = 0;
        foreach (string sql in SealedEpochs.MergeSql("@stream", [.. boundaries.Select(StoredJson.ReadBoundary)]))
        {
            merged += await connection.ExecuteAsync(sql, new { stream }).ConfigureAwait(false);
        }

        return merged;
    }

    /// <summary>Only of versions that the current generation holds: for others the speed partials are all there is.</summary>
    private async ValueTask<int> RemoveSpeedPartialsAsync(NpgsqlConnection connection, string stream, long before)
    {
        if (await GenerationRows.ReadCurrentAsync(connection, stream).ConfigureAwait(false) is not { } current
            || await ReadCoveredAsync(connection, stream, before).ConfigureAwait(false) is not { } covered)
        {
            return 0;
        }

        long now = await connection.ExecuteScalarAsync<long>($"SELECT {StoreClock.Sql}", new { now = clock.Given }).ConfigureAwait(false);
        IReadOnlyList<EpochInfo> epochs = await StreamReads.ReadEpochsAsync(connection, stream).ConfigureAwait(false);
        SpeedExpiry expiry = new(
            stream,
            current,
            before,
            Retention: Math.Max(0, now - before),
            Superseded: EpochFilter.Below(epochs, current.Boundary),
            SupersededSince: EpochFilter.Within(epochs, covered, current.Boundary),
            Edition: await PartitionRows.ReadEditionAsync(connection, stream).ConfigureAwait(false));
        int removed = 0;
        foreach (ViewTable table in (await ViewCatalog.ReadAsync(connection, stream).ConfigureAwait(false))
            .Where(table => current.Holds(table.Layout)))
        {
            removed += await expiry.RunAsync(connection, table).ConfigureAwait(false);
        }

        return removed;
    }

    /// <summary>What all generations cover that are kept; null when none had been published yet at an instant.</summary>
    private static async ValueTask<Boundary?> ReadCoveredAsync(NpgsqlConnection connection, string stream, long instant) => KeptGenerations.CoveredByAll(
        [
            .. await connection.QueryAsync<(string, long)>(
                "SELECT boundary, ended_at FROM generations WHERE stream = @stream AND state IN ('Current', 'Superseded')", new { stream }).ConfigureAwait(false),
        ],
        instant);

    /// <summary>A version that is not computed any more keeps its place for a while, in case the change of definition is taken back.</summary>
    private static async ValueTask<int> RemoveWithdrawnViewsAsync(NpgsqlConnection connection, string stream, long before)
    {
        int removed = 0;
        foreach (int version in await Coverage.ReadLeftAsync(connection, stream, before).ConfigureAwait(false))
        {
            removed += await connection.ExecuteAsync(
                $"DELETE FROM {ViewTable.PackedNameOf(version)}; DELETE FROM {ViewTable.SpeedRowsNameOf(version)}").ConfigureAwait(false);
            await Coverage.ForgetAsync(connection, version).ConfigureAwait(false);
        }

        return removed;
    }
}

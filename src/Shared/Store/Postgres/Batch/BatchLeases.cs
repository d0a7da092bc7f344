using Dapper;
using Lambda.Store.Postgres.Database;
using Lambda.Store.Relational;
using Lambda.Time;
using Npgsql;

namespace Lambda.Store.Postgres.Batch;

/// <summary>Who may run batch work on a stream.</summary>
internal sealed class BatchLeases(StoreClock clock)
{
    /// <summary>Takes the lease if it is free; null otherwise.</summary>
    public async ValueTask<BatchLease?> TryAcquireAsync(NpgsqlConnection connection, string stream, string owner, TimeSpan duration)
    {
        long? fence = await connection.QuerySingleOrDefaultAsync<long?>(
            $"""
            INSERT INTO leases AS held VALUES (@stream, @owner, 1, {StoreClock.Sql} + @duration)
            ON CONFLICT (stream) DO UPDATE SET owner = @owner, fence = held.fence + 1, runs_out_at = {StoreClock.Sql} + @duration
            WHERE held.owner IS NULL OR held.owner = @owner OR held.runs_out_at <= {StoreClock.Sql}
            RETURNING fence
            """,
            new { stream, owner, duration = UtcMicroseconds.From(duration), now = clock.Given }).ConfigureAwait(false);
        return fence is { } held ? new BatchLease(stream, owner, held) : null;
    }

    /// <summary>Holds the lease for longer.</summary>
    public async ValueTask<int> RenewAsync(NpgsqlConnection connection, BatchLease lease, TimeSpan duration)
    {
        await RequireAsync(connection, lease, "FOR UPDATE").ConfigureAwait(false);
        return await connection.ExecuteAsync(
            $"UPDATE leases SET runs_out_at = {StoreClock.Sql} + @duration WHERE stream = @Stream",
            new { lease.Stream, duration = UtcMicroseconds.From(duration), now = clock.Given }).ConfigureAwait(false);
    }

    /// <summary>Gives the lease back. The row stays, for its fence.</summary>
    public static Task<int> ReleaseAsync(NpgsqlConnection connection, BatchLease lease) => connection.ExecuteAsync(
        "UPDATE leases SET owner = NULL, runs_out_at = 0 WHERE stream = @Stream AND fence = @Fence AND owner = @Owner",
        new { lease.Stream, lease.Fence, lease.Owner });

    /// <summary>
    /// Does work that may take long under a lease. The lease can be renewed meanwhile, as its row is locked only when the work is done: whoever has taken the
    /// lease by then has nothing of the work to see, and whoever takes it later sees all.
    /// </summary>
    /// <exception cref="FencedException">Somebody has taken the lease; the transaction must not be committed.</exception>
    public static async ValueTask<T> UnderAsync<T>(NpgsqlConnection connection, BatchLease lease, Func<ValueTask<T>> work)
    {
        await RequireAsync(connection, lease, "").ConfigureAwait(false);
        T result = await work().ConfigureAwait(false);
        await connection.ExecuteAsync("UPDATE streams SET changes = changes + 1 WHERE stream = @Stream", new { lease.Stream }).ConfigureAwait(false);
        await RequireAsync(connection, lease, "FOR UPDATE").ConfigureAwait(false);
        return result;
    }

    private static async ValueTask RequireAsync(NpgsqlConnection connection, BatchLease lease, string locking) => LeaseRow.RequireHeld(
        await connection.QuerySingleOrDefaultAsync<LeaseRow>(
            $"SELECT owner, fence, runs_out_at AS RunsOutAt FROM leases WHERE stream = @Stream {locking}", new { lease.Stream }).ConfigureAwait(false),
        lease);
}

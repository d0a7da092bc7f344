using Dapper;
using DuckDB.NET.Data;
using Lambda.Store.Relational;
using Lambda.Time;

namespace Lambda.Store.Embedded.Batch;

/// <summary>Who may run batch work on a stream.</summary>
internal sealed class BatchLeases(TimeProvider time)
{
    /// <summary>Takes the lease if it is free; null otherwise.</summary>
    public BatchLease? TryAcquire(DuckDBConnection connection, string stream, string owner, TimeSpan duration)
    {
        long now = time.Now();
        LeaseRow? row = Read(connection, stream);
        if (row is { Owner: not null } && row.Owner != owner && row.RunsOutAt > now)
        {
            return null;
        }

        long fence = (row?.Fence ?? 0) + 1;
        connection.Execute(
            row is null
                ? "INSERT INTO leases VALUES ($stream, $owner, $fence, $runsOutAt)"
                : "UPDATE leases SET owner = $owner, fence = $fence, runs_out_at = $runsOutAt WHERE stream = $stream",
            new { stream, owner, fence, runsOutAt = now + Microseconds(duration) });
        return new BatchLease(stream, owner, fence);
    }

    /// <summary>Holds the lease for longer.</summary>
    public int Renew(DuckDBConnection connection, BatchLease lease, TimeSpan duration)
    {
        Require(connection, lease);
        return connection.Execute(
            "UPDATE leases SET runs_out_at = $runsOutAt WHERE stream = $stream",
            new { runsOutAt = time.Now() + Microseconds(duration), stream = lease.Stream });
    }

    /// <summary>Gives the lease back. The row stays, for its fence.</summary>
    public static int Release(DuckDBConnection connection, BatchLease lease) => connection.Execute(
        "UPDATE leases SET owner = NULL, runs_out_at = 0 WHERE stream = $stream AND fence = $fence AND owner = $owner",
        new { stream = lease.Stream, fence = lease.Fence, owner = lease.Owner });

    /// <summary>Takes back the leases of owners that are gone. The rows stay, for their fences.</summary>
    public static int ReleaseAll(DuckDBConnection connection) => connection.Execute(
        "UPDATE leases SET owner = NULL, runs_out_at = 0 WHERE owner IS NOT NULL");

    /// <summary>Requires that nobody has taken the lease since. One that has run out but that nobody wanted still counts.</summary>
    /// <exception cref="FencedException">Somebody has.</exception>
    public static void Require(DuckDBConnection connection, BatchLease lease) => LeaseRow.RequireHeld(Read(connection, lease.Stream), lease);

    private static LeaseRow? Read(DuckDBConnection connection, string stream) => connection.QuerySingleOrDefault<LeaseRow>(
        "SELECT owner, fence, runs_out_at AS RunsOutAt FROM leases WHERE stream = $stream", new { stream });

    private static long Microseconds(TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;
}

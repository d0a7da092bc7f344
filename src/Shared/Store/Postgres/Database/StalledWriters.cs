using Dapper;
using Npgsql;

namespace Lambda.Store.Postgres.Database;

/// <summary>
/// Ends the transactions of others that hold a lock and wait for a client which sends nothing more, as one that was paused while it sent rows. The server has no limit
/// for that: it ends only those who were asked nothing (<c>idle_in_transaction_session_timeout</c>).
/// </summary>
/// <param name="source">Where a connection is had from to look at the one that waits.</param>
/// <param name="between">How long lies between two looks. Who is in the same place at both is ended, so a lock is had after twice this at the latest.</param>
internal sealed class StalledWriters(NpgsqlDataSource source, TimeSpan between)
{
    /// <summary>Those of the same role: of others the server shows nothing, nor could they be ended.</summary>
    private const string FindSql =
        """
        SELECT a.pid, a.xact_start AS Began, a.state_change AS Changed, c.bytes_processed AS Sent
        FROM pg_stat_activity AS a LEFT JOIN pg_stat_progress_copy AS c ON c.pid = a.pid
        WHERE a.pid = ANY(pg_blocking_pids(@waiting)) AND a.usename = current_user AND a.wait_event = 'ClientRead' AND a.xact_start IS NOT NULL
        """;

    private const string EndSql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = @Pid AND xact_start = @Began";

    /// <summary>Waits for what a connection does, and looks at who holds it up when that takes long.</summary>
    public async ValueTask<T> WaitAsync<T>(NpgsqlConnection connection, ValueTask<T> work)
    {
        if (work.IsCompleted)
        {
            return await work.ConfigureAwait(false);
        }

        Task<T> running = work.AsTask();
        Stalled[] before = [];
        while (true)
        {
            try
            {
                return await running.WaitAsync(between).ConfigureAwait(false);
            }
            catch (TimeoutException) when (!running.IsCompleted)
            {
                before = await LookAsync(connection.ProcessID, before).ConfigureAwait(false);
            }
        }
    }

    /// <returns>Who holds the connection up and waits for its client.</returns>
    private async Task<Stalled[]> LookAsync(int waiting, Stalled[] before)
    {
        try
        {
            await using NpgsqlConnection connection = await source.OpenConnectionAsync().ConfigureAwait(false);
            Stalled[] found = [.. await connection.QueryAsync<Stalled>(FindSql, new { waiting }).ConfigureAwait(false)];
            foreach (Stalled same in found.Intersect(before))
            {
                await connection.ExecuteAsync(EndSql, same).ConfigureAwait(false);
            }

            return found;
        }
        catch (Exception failure) when (PostgresErrors.IsOurs(failure))
        {
            // Who waits goes on to wait, and fails by itself if the server is gone.
            return before;
        }
    }

    /// <param name="Pid">The process of the server.</param>
    /// <param name="Began">When its transaction began.</param>
    /// <param name="Changed">When its statement began, or ended.</param>
    /// <param name="Sent">How many bytes of rows it has received; null when it receives none.</param>
    private sealed record Stalled(int Pid, DateTime Began, DateTime Changed, long? Sent);
}

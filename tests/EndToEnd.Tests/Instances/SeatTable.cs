using Lambda.Store.Postgres.Seats;
using Npgsql;

namespace Lambda.EndToEnd.Tests.Instances;

/// <summary>The locks of an installation's database that stand for seats. While the database is away there are none.</summary>
internal sealed class SeatTable(Installation installation)
{
    private const string Schema = "lambda";

    // The connections of the test, so that they are told from those of processes.
    private const string Application = "chaos";

    private static readonly string Seats =
        $"""
        FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND classid = {SeatLock.Class} AND granted
        AND datname = current_database() AND application_name <> '{Application}'
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>How many seats are held.</summary>
    public async Task<int> CountAsync()
    {
        await using NpgsqlConnection connection = await OpenAsync();
        await using NpgsqlCommand count = new($"SELECT count(*)::int {Seats}", connection);
        return (int)(await count.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>Ends all connections that hold seats.</summary>
    public async Task EndConnectionsAsync()
    {
        try
        {
            await using NpgsqlConnection connection = await OpenAsync();
            await using NpgsqlCommand end = new($"SELECT pg_terminate_backend(pid) {Seats}", connection);
            await end.ExecuteNonQueryAsync(Cancellation);
        }
        catch (NpgsqlException)
        {
            // The database is down by another fault, and the connections have ended.
        }
    }

    /// <summary>Holds the lowest seats that are free, so that whoever starts takes one that somebody had.</summary>
    /// <returns>The connection that has them.</returns>
    public async Task<NpgsqlConnection> HoldFreeAsync()
    {
        const int Lowest = 30;
        NpgsqlConnection connection = await OpenAsync();
        for (int number = 0; number < Lowest; number++)
        {
            await new SeatLock(Schema, Installation.Group, number).TryTakeAsync(connection, Cancellation);
        }

        return connection;
    }

    /// <summary>Ends connections that hold seats, and has their locks before anybody else can.</summary>
    /// <param name="whether">Decides of each seat.</param>
    public async Task<SeatRobbery> RobAsync(Func<bool> whether)
    {
        Dictionary<int, NpgsqlConnection> held = [];
        try
        {
            await using NpgsqlConnection control = await OpenAsync();
            List<(int Holder, int Seat)> seats = [];
            await using (NpgsqlCommand find = new($"SELECT pid, objid::bigint::bit(32)::int {Seats} ORDER BY 2", control))
            await using (NpgsqlDataReader rows = await find.ExecuteReaderAsync(Cancellation))
            {
                while (await rows.ReadAsync(Cancellation))
                {
                    seats.Add((rows.GetInt32(0), rows.GetInt32(1)));
                }
            }

            foreach ((int holder, int seat) in seats.Where(_ => whether()))
            {
                held[seat] = await RobAsync(control, holder, seat);
            }
        }
        catch (NpgsqlException)
        {
            // The database is down by another fault, and what was held is not any more.
        }

        return new SeatRobbery(held);
    }

    private async Task<NpgsqlConnection> RobAsync(NpgsqlConnection control, int holder, int seat)
    {
        NpgsqlConnection robber = await OpenAsync();
        Task waiting = ExecuteAsync(robber, $"SELECT pg_advisory_lock({SeatLock.Class}, {seat})");
        await using NpgsqlCommand waits = new($"SELECT EXISTS (SELECT FROM pg_locks WHERE pid = {robber.ProcessID} AND locktype = 'advisory')", control);
        while (await waits.ExecuteScalarAsync(Cancellation) is false)
        {
            await Task.Yield();
        }

        await ExecuteAsync(control, $"SELECT pg_terminate_backend({holder})");
        await waiting;
        return robber;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        NpgsqlConnection connection = new(installation.ConnectionString + $";Pooling=false;Application Name={Application}");
        await connection.OpenAsync(Cancellation);
        return connection;
    }
}

/// <summary>Locks of seats that were taken from their holders.</summary>
internal sealed class SeatRobbery(Dictionary<int, NpgsqlConnection> held) : IAsyncDisposable
{
    /// <summary>The keys of the locks that are held.</summary>
    public IReadOnlyCollection<int> Held => [.. held.Keys];

    /// <summary>Lets whoever comes first have a seat.</summary>
    public async Task FreeAsync(int seat)
    {
        held.Remove(seat, out NpgsqlConnection? connection);
        await connection!.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (NpgsqlConnection connection in held.Values)
        {
            await connection.DisposeAsync();
        }
    }
}

using Dapper;
using Npgsql;

namespace Lambda.Store.Postgres.Seats;

/// <summary>The lock of the database that stands for a seat. It belongs to a connection, and is free as soon as that ends, however it does.</summary>
/// <param name="schema">The schema of the store.</param>
/// <param name="group">The group that has the seat.</param>
/// <param name="number">Which of its seats.</param>
internal sealed class SeatLock(string schema, string group, int number)
{
    /// <summary>The first half of the key of every seat's lock. Where two seats share the second half, one of them is never free, and nothing worse.</summary>
    public const int Class = 0x4C414D53;

    private readonly string _seat = $"{schema}/{group}/{number}";

    /// <summary>Takes the lock if no other connection has it.</summary>
    public Task<bool> TryTakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        AskAsync(connection, "SELECT pg_try_advisory_lock(@Class, hashtext(@seat))", cancellationToken);

    /// <summary>Lets others have it at once, rather than when the server has noticed that the connection ends.</summary>
    public Task FreeAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        AskAsync(connection, "SELECT pg_advisory_unlock(@Class, hashtext(@seat))", cancellationToken);

    private Task<bool> AskAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken) =>
        connection.ExecuteScalarAsync<bool>(new CommandDefinition(sql, new { Class, seat = _seat }, cancellationToken: cancellationToken));
}

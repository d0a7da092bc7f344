using Dapper;
using Lambda.Log;
using Lambda.Store.Postgres.Database;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lambda.Store.Postgres.Seats;

/// <summary>A seat that is held by a connection. When that ends although the process lives, it is taken again by another one, unless somebody was faster.</summary>
internal sealed class PostgresSeat : ISeat
{
    /// <summary>How long lies between two attempts to take it again, the first of which is made at once.</summary>
    public static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

    // After so long without a word the server is asked for one, as a connection may end without.
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(10);

    // A process that ends waits no longer for a server that does not answer; it frees the lock by ending.
    private static readonly TimeSpan FreeFor = TimeSpan.FromSeconds(1);

    private readonly SeatLock _lock;
    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _keeping;

    /// <param name="name">Its name.</param>
    /// <param name="held">Its lock.</param>
    /// <param name="connection">Has the lock. It is the seat's from here on.</param>
    /// <param name="source">Where another connection is had from.</param>
    /// <param name="time">Measures the pauses between attempts.</param>
    /// <param name="logger">Told when the seat is lost, and when it is taken again.</param>
    public PostgresSeat(string name, SeatLock held, NpgsqlConnection connection, NpgsqlDataSource source, TimeProvider time, ILogger logger)
    {
        Name = name;
        _lock = held;
        _source = source;
        _time = time;
        _logger = logger;
        _keeping = Task.Run(() => KeepAsync(connection));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Whether it means that the connection has ended; of one that is found to be closed already it is no failure of the database.</summary>
    private static bool IsLoss(Exception failure) => PostgresErrors.IsOurs(failure) || failure is InvalidOperationException;

    private async Task KeepAsync(NpgsqlConnection first)
    {
        for (NpgsqlConnection? connection = first; connection is not null; connection = await TakeAgainAsync().ConfigureAwait(false))
        {
            await using NpgsqlConnection holder = connection;
            try
            {
                await WaitForItsEndAsync(holder).ConfigureAwait(false);
            }
            catch (Exception failure) when (_stop.IsCancellationRequested && (IsLoss(failure) || failure is OperationCanceledException))
            {
                // It is free when the server has noticed that the connection ends.
            }
            catch (Exception failure) when (IsLoss(failure))
            {
                SeatLog.Lost(_logger, Name, failure.Message);
            }
        }
    }

    /// <summary>Fails when the connection has ended; returns when the seat is given back.</summary>
    private async Task WaitForItsEndAsync(NpgsqlConnection holder)
    {
        try
        {
            while (true)
            {
                if (!await holder.WaitAsync(AskEvery, _stop.Token).ConfigureAwait(false))
                {
                    await holder.ExecuteScalarAsync<int>(new CommandDefinition("SELECT 1", cancellationToken: _stop.Token)).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            using CancellationTokenSource late = new(FreeFor, _time);
            await _lock.FreeAsync(holder, late.Token).ConfigureAwait(false);
        }
    }

    /// <returns>A connection that has the lock; null when the seat is given back before.</returns>
    private async Task<NpgsqlConnection?> TakeAgainAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (await TryTakeAsync().ConfigureAwait(false) is { } connection)
            {
                SeatLog.TakenAgain(_logger, Name);
                return connection;
            }

            await Task.Delay(BetweenAttempts, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return null;
    }

    /// <returns>A connection that has the lock; null when somebody else has it, or the database is away.</returns>
    private async Task<NpgsqlConnection?> TryTakeAsync()
    {
        NpgsqlConnection connection = _source.CreateConnection();
        try
        {
            await connection.OpenAsync(_stop.Token).ConfigureAwait(false);
            if (await _lock.TryTakeAsync(connection, _stop.Token).ConfigureAwait(false))
            {
                return connection;
            }
        }
        catch (Exception failure) when (PostgresErrors.IsOurs(failure) || failure is OperationCanceledException)
        {
            // The next attempt comes in time; that the seat is lost was said.
        }

        await connection.DisposeAsync().ConfigureAwait(false);
        return null;
    }
}

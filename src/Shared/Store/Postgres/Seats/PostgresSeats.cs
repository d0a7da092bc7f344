using Dapper;
using Lambda.Log;
using Lambda.Store.Postgres.Database;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Lambda.Store.Postgres.Seats;

/// <summary>Seats that processes take from one another by the locks of the database of their store, over a connection of their own.</summary>
internal sealed class PostgresSeats : ISeats
{
    // Without a seat a process takes part as well, so it need not wait for long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly NpgsqlDataSource _source;
    private readonly string _schema;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>The seats of a store, of which none is taken yet. Nothing is connected to.</summary>
    /// <param name="options">Where the store is, which has to exist when a seat is taken.</param>
    /// <param name="time">Measures how long to wait.</param>
    /// <param name="logger">Gets what operators should know of seats.</param>
    public PostgresSeats(PostgresStoreOptions options, TimeProvider time, ILogger logger)
    {
        NpgsqlDataSourceBuilder builder = new(options.ConnectionString);
        NpgsqlConnectionStringBuilder parts = builder.ConnectionStringBuilder;
        parts.Enlist = false;

        // A pool would keep a connection, and with it the lock, when it is closed.
        parts.Pooling = false;
        parts.ApplicationName ??= "lambda";
        _source = builder.Build();
        _schema = options.Schema;
        _time = time;
        _logger = logger;
    }

    /// <inheritdoc/>
    public async ValueTask<ISeat?> TakeAsync(string group, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(Patience, _time);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            NpgsqlConnection connection = await _source.OpenConnectionAsync(end.Token).ConfigureAwait(false);
            try
            {
                PostgresSeat seat = await TakeLowestAsync(connection, group, end.Token).ConfigureAwait(false);
                SeatLog.Taken(_logger, group, seat.Name);
                return seat;
            }
            catch
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch (Exception failure) when (PostgresErrors.IsOurs(failure))
        {
            SeatLog.NotToBeHad(_logger, group, failure.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            SeatLog.NotToBeHad(_logger, group, $"the database has not answered within {Patience.TotalSeconds:0} s");
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<PostgresSeat> TakeLowestAsync(NpgsqlConnection connection, string group, CancellationToken cancellationToken)
    {
        string store = await ReadIdentityAsync(connection, cancellationToken).ConfigureAwait(false);
        for (int number = 0; ; number++)
        {
            SeatLock held = new(_schema, group, number);
            if (await held.TryTakeAsync(connection, cancellationToken).ConfigureAwait(false))
            {
                return new PostgresSeat($"lambda-{store}-{number}", held, connection, _source, _time, _logger);
            }
        }
    }

    /// <summary>
    /// What tells this store from all others: when its schema was made, to the microsecond. A backup that is restored keeps it, and no other program has to know of it.
    /// </summary>
    private async Task<string> ReadIdentityAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        CommandDefinition command = new(
            $"SELECT (extract(epoch FROM applied_at) * 1000000)::bigint FROM {_schema}.schema_version WHERE version = 1", cancellationToken: cancellationToken);
        return $"{await connection.QuerySingleAsync<long>(command).ConfigureAwait(false):x}";
    }
}

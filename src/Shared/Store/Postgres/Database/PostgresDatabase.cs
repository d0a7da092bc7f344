using System.Data;
using Dapper;
using Lambda.Store.Postgres.Tables;
using Npgsql;

namespace Lambda.Store.Postgres.Database;

/// <summary>Connections and transactions.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    /// <summary>
    /// After how long the server ends a transaction whose owner asks nothing of it. One that was paused in the middle of a commit would else hold its locks, and
    /// with them whoever takes over from it, for as long as it is paused. Longer than any of ours thinks between two statements.
    /// </summary>
    private const string LongestPause = "10s";

    /// <summary>
    /// How long a statement may take, in seconds, that goes through all that a view has: what a generation alone holds is removed in one, which takes
    /// PostgreSQL minutes where that is many millions of partials, and would take the next attempt as long. A server that is gone without a word is noticed
    /// by the system, which asks it.
    /// </summary>
    private const int LongestStatement = 3600;

    /// <summary>How often a transaction is tried that the server has ended to resolve a deadlock.</summary>
    private const int MostAttempts = 4;

    private readonly NpgsqlDataSource _source;

    /// <summary>For work that may take long.</summary>
    private readonly NpgsqlDataSource _patient;
    private readonly PostgresErrors _errors;
    private readonly StalledWriters _stalled;
    private long _commits;

    private PostgresDatabase(NpgsqlDataSource source, NpgsqlDataSource patient, PostgresErrors errors, TimeSpan betweenLooks)
    {
        _source = source;
        _patient = patient;
        _errors = errors;
        _stalled = new StalledWriters(source, betweenLooks);
    }

    /// <summary>How many transactions of this process have changed the store since it was opened.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>Connects, and brings the schema up to date.</summary>
    /// <exception cref="ViewStoreException">The server cannot be reached or refuses, or a newer version of the program has written the schema.</exception>
    public static async Task<PostgresDatabase> OpenAsync(PostgresStoreOptions options, CancellationToken cancellationToken)
    {
        NpgsqlDataSourceBuilder builder = new(options.ConnectionString);
        NpgsqlConnectionStringBuilder parts = builder.ConnectionStringBuilder;
        parts.SearchPath = options.Schema;
        parts.Enlist = false;

        // Stages are temporary tables that live as long as their connection does.
        parts.NoResetOnClose = true;
        parts.Options = $"{parts.Options} -c client_min_messages=warning -c idle_in_transaction_session_timeout={LongestPause}".TrimStart();
        parts.MaxAutoPrepare = parts.MaxAutoPrepare == 0 ? 200 : parts.MaxAutoPrepare;
        parts.AutoPrepareMinUsages = 2;
        parts.ApplicationName ??= "lambda";
        PostgresDatabase database = new(builder.Build(), BuildPatient(parts), new PostgresErrors(parts, options.Schema), options.BetweenLooks);
        try
        {
            await database.PrepareAsync(options.Schema, cancellationToken).ConfigureAwait(false);
            return database;
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction of its own, which is durable when the task completes; nothing of it stays when it throws, unless the
    /// message says that the outcome is not known. Each statement sees what is committed when it begins. When the connection breaks before the commit is
    /// begun, <paramref name="work"/> runs once more on a new one; where the server has ended it to resolve a deadlock, a few times more.
    /// </summary>
    /// <exception cref="ViewStoreException">The database refused it, or the connection was lost.</exception>
    public ValueTask<T> WriteAsync<T>(Func<NpgsqlConnection, ValueTask<T>> work, CancellationToken cancellationToken) => WriteAsync(_source, work, cancellationToken);

    /// <summary>The same for work whose statements may take longer than the connection string gives a command.</summary>
    /// <exception cref="ViewStoreException">The database refused it, or the connection was lost.</exception>
    public ValueTask<T> WritePatientlyAsync<T>(Func<NpgsqlConnection, ValueTask<T>> work, CancellationToken cancellationToken) => WriteAsync(_patient, work, cancellationToken);

    /// <summary>Runs <paramref name="work"/> on a snapshot.</summary>
    /// <exception cref="ViewStoreException">The database refused it, or the connection was lost.</exception>
    public async ValueTask<T> ReadAsync<T>(Func<NpgsqlConnection, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        await using SnapshotReader reader = await OpenReaderAsync(cancellationToken).ConfigureAwait(false);
        return await reader.RunAsync(work).ConfigureAwait(false);
    }

    /// <summary>Opens a snapshot for a read of several steps.</summary>
    /// <exception cref="ViewStoreException">The database refused it, or cannot be reached.</exception>
    public async ValueTask<SnapshotReader> OpenReaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            try
            {
                return await BeginReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (PostgresErrors.IsLostConnection(failure))
            {
                // A server that was restarted has ended connections that the pool still takes for good. Nothing has been read yet, so that a new one can be tried.
                _source.Clear();
                return await BeginReadAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (PostgresErrors.IsOurs(failure))
        {
            throw _errors.Refused(failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync().ConfigureAwait(false);
        await _patient.DisposeAsync().ConfigureAwait(false);
    }

    private static NpgsqlDataSource BuildPatient(NpgsqlConnectionStringBuilder parts) => new NpgsqlDataSourceBuilder(parts.ConnectionString)
    {
        ConnectionStringBuilder =
        {
            CommandTimeout = parts.CommandTimeout == 0 ? 0 : Math.Max(parts.CommandTimeout, LongestStatement),
            TcpKeepAlive = true,
            TcpKeepAliveTime = 30,
            TcpKeepAliveInterval = 10,
        },
    }.Build();

    private async ValueTask<T> WriteAsync<T>(NpgsqlDataSource source, Func<NpgsqlConnection, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            try
            {
                return await WriteThroughDeadlocksAsync(source, work, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (PostgresErrors.IsLostConnection(failure) && !cancellationToken.IsCancellationRequested)
            {
                // Most likely one that the pool still took for good, of a server that was restarted: the others are no better. Nothing has taken effect.
                source.Clear();
                return await WriteThroughDeadlocksAsync(source, work, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (PostgresErrors.IsOurs(failure))
        {
            throw _errors.Refused(failure);
        }
    }

    private async ValueTask<T> WriteThroughDeadlocksAsync<T>(
        NpgsqlDataSource source, Func<NpgsqlConnection, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnceAsync(source, work, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException failure) when (
                failure.SqlState == PostgresErrorCodes.DeadlockDetected && attempt < MostAttempts && !cancellationToken.IsCancellationRequested)
            {
                // Nothing of it has taken effect, and whoever was in its way has what it waited for.
            }
        }
    }

    private async ValueTask<T> WriteOnceAsync<T>(NpgsqlDataSource source, Func<NpgsqlConnection, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection
            .BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);
        T result = await _stalled.WaitAsync(connection, work(connection)).ConfigureAwait(false);
        await CommitAsync(transaction).ConfigureAwait(false);
        Interlocked.Increment(ref _commits);
        return result;
    }

    private async Task<SnapshotReader> BeginReadAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            NpgsqlTransaction transaction = await connection
                .BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);

            // A reader holds nobody up, and may take its time over what it has read.
            await connection
                .ExecuteAsync(new CommandDefinition(
                    "SET TRANSACTION READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0", cancellationToken: cancellationToken))
                .ConfigureAwait(false);
            return new SnapshotReader(connection, transaction, _errors);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task PrepareAsync(string schema, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlConnection connection = await _patient.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            if (await connection.ExecuteScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM pg_get_keywords() WHERE word = @schema AND catcode IN ('R', 'T'))", new { schema }).ConfigureAwait(false))
            {
                throw new ViewStoreException($"'{schema}' cannot be the schema: PostgreSQL keeps the word for itself. Choose another name.");
            }

            await Migrations.ApplyAsync(connection, schema, cancellationToken).ConfigureAwait(false);
            string commits = await connection.ExecuteScalarAsync<string>("SHOW synchronous_commit").ConfigureAwait(false) ?? "";
            if (commits == "off")
            {
                throw new ViewStoreException(
                    "The database is set to 'synchronous_commit = off', so that commits could be lost although they were acknowledged. Set it to "
                    + "'on' for the role or the database of the store.");
            }
        }
        catch (Exception failure) when (PostgresErrors.IsOurs(failure))
        {
            throw _errors.Unusable(failure);
        }
    }

    /// <summary>Runs to its end whatever the caller waits for: what became of it must not be left to chance.</summary>
    private async Task CommitAsync(NpgsqlTransaction transaction)
    {
        try
        {
            await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (PostgresErrors.IsOurs(failure))
        {
            throw _errors.NotKnown(failure);
        }
    }
}

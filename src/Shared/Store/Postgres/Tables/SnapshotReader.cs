using Lambda.Store.Postgres.Database;
using Npgsql;

namespace Lambda.Store.Postgres.Tables;

/// <summary>A connection that sees one state of the database, that of its first statement, until it is given back.</summary>
internal sealed class SnapshotReader(NpgsqlConnection connection, NpgsqlTransaction transaction, PostgresErrors errors) : IAsyncDisposable
{
    /// <summary>Runs a step of the read.</summary>
    /// <exception cref="ViewStoreException">The database refused it, or the connection was lost.</exception>
    public async ValueTask<T> RunAsync<T>(Func<NpgsqlConnection, ValueTask<T>> step)
    {
        try
        {
            return await step(connection).ConfigureAwait(false);
        }
        catch (Exception failure) when (PostgresErrors.IsOurs(failure))
        {
            throw errors.Refused(failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (PostgresErrors.IsOurs(failure))
        {
            // There is nothing to lose in a transaction that only read, and a broken connection does not go back to the pool.
        }

        await connection.DisposeAsync().ConfigureAwait(false);
    }
}

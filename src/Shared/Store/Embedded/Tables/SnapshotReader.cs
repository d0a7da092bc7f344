using DuckDB.NET.Data;
using Lambda.Store.Embedded.Database;

namespace Lambda.Store.Embedded.Tables;

/// <summary>A connection that sees one state of the database until it is given back.</summary>
internal sealed class SnapshotReader(StoreDatabase database, DuckDBConnection connection) : IAsyncDisposable
{
    /// <summary>Runs a step of the read away from the caller's thread.</summary>
    /// <exception cref="ViewStoreException">The database refused it.</exception>
    public async ValueTask<T> RunAsync<T>(Func<DuckDBConnection, T> step, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => step(connection), cancellationToken).ConfigureAwait(false);
        }
        catch (DuckDBException failure)
        {
            throw database.Refused(failure);
        }
    }

    public ValueTask DisposeAsync()
    {
        database.Return(connection);
        return ValueTask.CompletedTask;
    }
}

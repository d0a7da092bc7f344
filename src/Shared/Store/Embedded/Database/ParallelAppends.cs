using System.Collections.Concurrent;
using Dapper;
using DuckDB.NET.Data;

namespace Lambda.Store.Embedded.Database;

/// <summary>Connections for transactions that only append rows, a few at a time: DuckDB lets them run beside each other and beside the writer.</summary>
/// <param name="file">The database.</param>
/// <param name="atOnce">How many there are at most.</param>
internal sealed class ParallelAppends(StoreFile file, int atOnce) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turns = new(atOnce, atOnce);
    private readonly ConcurrentBag<DuckDBConnection> _free = [];

    /// <summary>Begins a transaction; waits while there are as many as there may be.</summary>
    /// <exception cref="ViewStoreException">The file cannot be opened.</exception>
    public async ValueTask<Transaction> BeginAsync(CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        DuckDBConnection? connection = null;
        try
        {
            if (!_free.TryTake(out connection))
            {
                connection = file.Connect();
            }

            connection.Execute("BEGIN TRANSACTION");
            return new Transaction(this, connection);
        }
        catch
        {
            connection?.Dispose();
            _turns.Release();
            throw;
        }
    }

    /// <summary>Waits until no transaction is open; none begins until the result is disposed. For one caller at a time.</summary>
    public async ValueTask<IDisposable> PauseAsync()
    {
        for (int i = 0; i < atOnce; i++)
        {
            await _turns.WaitAsync().ConfigureAwait(false);
        }

        return new Pause(this);
    }

    public async ValueTask DisposeAsync()
    {
        await PauseAsync().ConfigureAwait(false);
        foreach (DuckDBConnection connection in _free)
        {
            connection.Dispose();
        }

        _turns.Dispose();
    }

    /// <summary>A transaction, which is undone when it is disposed without having been committed.</summary>
    internal sealed class Transaction(ParallelAppends owner, DuckDBConnection connection) : IDisposable
    {
        private bool _committed;

        public DuckDBConnection Connection => connection;

        /// <exception cref="DuckDBException">Nothing of it has taken effect.</exception>
        public void Commit()
        {
            connection.Execute("COMMIT");
            _committed = true;
        }

        public void Dispose()
        {
            try
            {
                if (!_committed)
                {
                    connection.Execute("ROLLBACK");
                }

                owner._free.Add(connection);
            }
            catch (DuckDBException)
            {
                // What made the transaction fail has been reported; the next one gets another connection.
                connection.Dispose();
            }
            finally
            {
                owner._turns.Release();
            }
        }
    }

    private sealed class Pause(ParallelAppends owner) : IDisposable
    {
        public void Dispose() => owner._turns.Release(owner.AtOnce);
    }

    private int AtOnce => atOnce;
}

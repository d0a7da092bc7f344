using System.Collections.Concurrent;
using DuckDB.NET.Data;

namespace Lambda.Store.Embedded.Database;

/// <summary>Connections for transactions that write to different tables, a few at a time: DuckDB lets them run beside each other. Who runs them keeps all other writers away.</summary>
/// <param name="file">The database.</param>
/// <param name="atOnce">How many there are at most.</param>
internal sealed class ParallelWrites(StoreFile file, int atOnce) : IDisposable
{
    private readonly ConcurrentBag<DuckDBConnection> _free = [];

    /// <summary>Does works, each in a transaction of its own, and ends when all that were begun have ended; none is begun after one has failed.</summary>
    /// <exception cref="DuckDBException">One of them had no effect.</exception>
    /// <exception cref="ViewStoreException">The file cannot be opened.</exception>
    public Task RunAsync<T>(IReadOnlyList<Action<DuckDBConnection, T>> works, T known) => Parallel.ForEachAsync(
        works,
        new ParallelOptions { MaxDegreeOfParallelism = atOnce },
        (work, _) =>
        {
            Run(work, known);
            return ValueTask.CompletedTask;
        });

    public void Dispose()
    {
        foreach (DuckDBConnection connection in _free)
        {
            connection.Dispose();
        }
    }

    private void Run<T>(Action<DuckDBConnection, T> work, T known)
    {
        if (!_free.TryTake(out DuckDBConnection? connection))
        {
            connection = file.Connect();
        }

        try
        {
            StoreTransaction.Run(connection, writer =>
            {
                work(writer, known);
                return true;
            });
            _free.Add(connection);
        }
        catch
        {
            // What made the transaction fail is reported; the next one gets another connection.
            connection.Dispose();
            throw;
        }
    }
}

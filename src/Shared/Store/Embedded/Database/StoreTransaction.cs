using Dapper;
using DuckDB.NET.Data;

namespace Lambda.Store.Embedded.Database;

/// <summary>Transactions that take effect as a whole or not at all.</summary>
internal static class StoreTransaction
{
    /// <summary>Does work in a transaction of its own, which is durable when this returns; nothing of it stays when it throws.</summary>
    /// <exception cref="DuckDBException">The database refused it.</exception>
    public static T Run<T>(DuckDBConnection connection, Func<DuckDBConnection, T> work)
    {
        connection.Execute("BEGIN TRANSACTION");
        try
        {
            T result = work(connection);
            connection.Execute("COMMIT");
            return result;
        }
        catch (Exception failure)
        {
            RollBack(connection, failure);
            throw;
        }
    }

    private static void RollBack(DuckDBConnection connection, Exception cause)
    {
        try
        {
            connection.Execute("ROLLBACK");
        }
        catch (DuckDBException failure) when (cause is DuckDBException)
        {
            // A failed COMMIT has ended the transaction already; its own message is the one that tells.
            cause.Data["rollback"] = failure.Message;
        }
    }
}

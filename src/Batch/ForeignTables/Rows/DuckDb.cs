using DuckDB.NET.Data;

namespace Lambda.Batch.ForeignTables.Rows;

/// <summary>Statements.</summary>
internal static class DuckDb
{
    /// <summary>Executes a statement.</summary>
    public static async Task ExecuteAsync(DuckDBConnection duck, string sql, CancellationToken cancellationToken)
    {
        await using DuckDBCommand command = duck.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The only value of a query; null when there is none.</summary>
    public static async Task<object?> FindAsync(DuckDBConnection duck, string sql, CancellationToken cancellationToken)
    {
        await using DuckDBCommand command = duck.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is { } value and not DBNull ? value : null;
    }
}

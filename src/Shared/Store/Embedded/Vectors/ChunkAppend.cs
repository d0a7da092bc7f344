using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace Lambda.Store.Embedded.Vectors;

/// <summary>Appends whole columns to a table, a chunk at a time, within the connection's transaction.</summary>
internal static class ChunkAppend
{
    // The size of DuckDB's own vectors.
    private const int ChunkRows = 2048;

    /// <summary>Appends <paramref name="rows"/> rows from the row <paramref name="start"/> of the columns on.</summary>
    /// <param name="connection">The connection, in a transaction.</param>
    /// <param name="catalog"><c>temp</c> for temporary tables, null for the others.</param>
    /// <param name="table">The table.</param>
    /// <param name="columns">A writer for every column of the table, in its order.</param>
    /// <param name="start">The first row.</param>
    /// <param name="rows">How many.</param>
    /// <exception cref="ViewStoreException">The database refused them.</exception>
    public static void Run(DuckDBConnection connection, string? catalog, string table, IReadOnlyList<VectorWriter> columns, int start, int rows)
    {
        DuckDBState state = NativeMethods.Appender.DuckDBAppenderCreateExt(
            connection.NativeConnection, catalog!, "main", table, out DuckDB.NET.Native.DuckDBAppender appender);
        using (appender)
        {
            Check(state, appender, table);
            DuckDBLogicalType[] types = [.. columns.Select(column => NativeMethods.LogicalType.DuckDBCreateLogicalType(column.Type))];
            try
            {
                using DuckDBDataChunk chunk = NativeMethods.DataChunks.DuckDBCreateDataChunk(
                    [.. types.Select(type => type.DangerousGetHandle())], (ulong)types.Length);
                int end = start + rows;
                for (int first = start; first < end; first += ChunkRows)
                {
                    int count = Math.Min(ChunkRows, end - first);
                    NativeMethods.DataChunks.DuckDBDataChunkReset(chunk);
                    for (int i = 0; i < columns.Count; i++)
                    {
                        columns[i].Write(NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, i), first, count);
                    }

                    NativeMethods.DataChunks.DuckDBDataChunkSetSize(chunk, (ulong)count);
                    Check(NativeMethods.Appender.DuckDBAppendDataChunk(appender, chunk), appender, table);
                }

                Check(NativeMethods.Appender.DuckDBAppenderClose(appender), appender, table);
            }
            finally
            {
                foreach (DuckDBLogicalType type in types)
                {
                    type.Dispose();
                }
            }
        }
    }

    private static void Check(DuckDBState state, DuckDB.NET.Native.DuckDBAppender appender, string table)
    {
        if (state == DuckDBState.Error)
        {
            using DuckDBErrorData error = NativeMethods.Appender.DuckDBAppenderErrorData(appender);
            throw new ViewStoreException(
                $"The view store could not append to its table {table}: {NativeMethods.ErrorData.DuckDBErrorDataMessage(error)}");
        }
    }
}

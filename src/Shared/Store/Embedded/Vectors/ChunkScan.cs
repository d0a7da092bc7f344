using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace Lambda.Store.Embedded.Vectors;

/// <summary>How the result of a query comes.</summary>
internal enum ScanMode
{
    /// <summary>All of it is computed before the first chunk. For results that are kept anyway: handing over chunks one by one costs more.</summary>
    Collected,

    /// <summary>Chunks are computed as they are read. For results of any size.</summary>
    Streamed,
}

/// <summary>Runs a query and hands out its result a chunk at a time, as vectors.</summary>
internal sealed class ChunkScan : IDisposable
{
    private readonly DuckDBPreparedStatement _statement;
    private readonly ScanMode _mode;
    private DuckDBResult _result;

    // A stream that has ended must not be asked again: DuckDB takes that for an error.
    private bool _ended;

    public ChunkScan(DuckDBConnection connection, string sql, ScanMode mode)
    {
        _mode = mode;
        DuckDBState state = NativeMethods.PreparedStatements.DuckDBPrepare(connection.NativeConnection, sql, out _statement);
        if (state == DuckDBState.Error)
        {
            string message = NativeMethods.PreparedStatements.DuckDBPrepareError(_statement);
            _statement.Dispose();
            throw Failed(message);
        }

        state = mode == ScanMode.Streamed
            ? NativeMethods.PreparedStatements.DuckDBExecutePreparedStreaming(_statement, out _result)
            : NativeMethods.PreparedStatements.DuckDBExecutePrepared(_statement, out _result);
        if (state == DuckDBState.Error)
        {
            string message = NativeMethods.Query.DuckDBResultError(ref _result);
            Dispose();
            throw Failed(message);
        }
    }

    /// <summary>Reads the next chunk into the readers, one for each column of the query.</summary>
    /// <returns>How many rows it had; zero at the end.</returns>
    public int ReadChunk(IReadOnlyList<VectorReader> columns)
    {
        if (_ended)
        {
            return 0;
        }

        using DuckDBDataChunk chunk = _mode == ScanMode.Streamed
            ? NativeMethods.StreamingResult.DuckDBStreamFetchChunk(_result)
            : NativeMethods.Query.DuckDBFetchChunk(_result);
        if (chunk.IsInvalid)
        {
            // The end and a failure look alike, but for the message.
            _ended = true;
            string? message = NativeMethods.Query.DuckDBResultError(ref _result);
            return string.IsNullOrEmpty(message) ? 0 : throw Failed(message);
        }

        int count = (int)NativeMethods.DataChunks.DuckDBDataChunkGetSize(chunk);
        for (int i = 0; i < columns.Count; i++)
        {
            columns[i].Read(NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, i), count);
        }

        return count;
    }

    public void Dispose()
    {
        NativeMethods.Query.DuckDBDestroyResult(ref _result);
        _statement.Dispose();
    }

    private static ViewStoreException Failed(string? message) => new($"The view store could not read: {message}");
}

using System.Runtime.CompilerServices;
using DuckDB.NET.Data;
using Lambda.Events;
using Lambda.Store.Embedded.Database;
using Lambda.Store.Embedded.Vectors;
using Lambda.Views;
using Lambda.Views.Partials;

namespace Lambda.Store.Embedded.Tables;

/// <summary>Reads partials into batches.</summary>
internal static class PartialScan
{
    // Large enough that a batch is worth its buffers, small enough to stay in the processor's cache.
    private const int BatchRows = 16 * 2048;

    /// <summary>All partials that satisfy the conditions, in one batch.</summary>
    public static PartialBatch ReadAll(DuckDBConnection connection, ViewTable table, string from, IEnumerable<string> conditions)
    {
        var batch = new PartialBatch(table.Layout);
        ReadAll(connection, Sql(table, from, conditions), ViewTable.Readers(batch));
        return batch;
    }

    /// <summary>Partials of generations, and those that they were written for.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="table">What they are of.</param>
    /// <param name="from">What follows <c>FROM</c> in the statement.</param>
    /// <param name="writtenBy">Takes the generations that they were written for.</param>
    public static PartialBatch ReadAll(DuckDBConnection connection, ViewTable table, string from, ColumnBuffer<long> writtenBy)
    {
        var batch = new PartialBatch(table.Layout);
        ReadAll(connection, $"SELECT generation, {table.PartialColumns} FROM {from}", [VectorReader.Of(writtenBy), .. ViewTable.Readers(batch)]);
        return batch;
    }

    /// <summary>All partials that satisfy the conditions, batch by batch, from one snapshot.</summary>
    public static async IAsyncEnumerable<PartialBatch> ReadAsync(
        StoreDatabase database,
        ViewTable table,
        string from,
        Func<DuckDBConnection, IEnumerable<string>> conditions,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using SnapshotReader reader = await database.OpenReaderAsync(cancellationToken).ConfigureAwait(false);
        using ChunkScan scan = await reader
            .RunAsync(connection => new ChunkScan(connection, Sql(table, from, conditions(connection)), ScanMode.Streamed), cancellationToken)
            .ConfigureAwait(false);
        while (true)
        {
            PartialBatch batch = await reader.RunAsync(_ => Fill(scan, table.Layout), cancellationToken).ConfigureAwait(false);
            if (batch.Count == 0)
            {
                yield break;
            }

            yield return batch;
        }
    }

    private static void ReadAll(DuckDBConnection connection, string sql, IReadOnlyList<VectorReader> readers)
    {
        using var scan = new ChunkScan(connection, sql, ScanMode.Collected);
        while (scan.ReadChunk(readers) > 0)
        {
        }
    }

    private static PartialBatch Fill(ChunkScan scan, PartialLayout layout)
    {
        var batch = new PartialBatch(layout);
        IReadOnlyList<VectorReader> readers = ViewTable.Readers(batch);
        while (batch.Count < BatchRows && scan.ReadChunk(readers) > 0)
        {
        }

        return batch;
    }

    private static string Sql(ViewTable table, string from, IEnumerable<string> conditions)
    {
        string where = string.Join(" AND ", conditions);
        return $"SELECT {table.PartialColumns} FROM {from}" + (where.Length == 0 ? "" : $" WHERE {where}");
    }
}

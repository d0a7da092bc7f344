using System.Runtime.CompilerServices;
using Lambda.Store.Postgres.Columns;
using Lambda.Store.Postgres.Database;
using Lambda.Views;
using Lambda.Views.Partials;
using Npgsql;

namespace Lambda.Store.Postgres.Tables;

/// <summary>Reads partials into batches.</summary>
internal static class PartialScan
{
    // Large enough that a batch is worth its buffers, small enough to stay in the processor's cache.
    private const int BatchRows = 16 * 2048;

    /// <summary>All partials that satisfy a filter, in one batch.</summary>
    public static async ValueTask<PartialBatch> ReadAllAsync(NpgsqlConnection connection, ViewTable table, string from, PartialFilter filter)
    {
        await using NpgsqlCommand command = filter.Select(connection, table.PartialColumns, from);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        return await FillAsync(reader, table.Layout, int.MaxValue).ConfigureAwait(false);
    }

    /// <summary>All partials that satisfy a filter, batch by batch, from one snapshot.</summary>
    public static async IAsyncEnumerable<PartialBatch> ReadAsync(
        PostgresDatabase database,
        Func<NpgsqlConnection, ValueTask<(ViewTable Table, string From, PartialFilter Filter)>> query,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using SnapshotReader snapshot = await database.OpenReaderAsync(cancellationToken).ConfigureAwait(false);
        (ViewTable table, NpgsqlCommand command) = await snapshot.RunAsync(async connection =>
        {
            (ViewTable table, string from, PartialFilter filter) = await query(connection).ConfigureAwait(false);
            return (table, filter.Select(connection, table.PartialColumns, from));
        }).ConfigureAwait(false);
        await using NpgsqlCommand running = command;
        await using NpgsqlDataReader reader = await snapshot
            .RunAsync(async _ => await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PartialBatch batch = await snapshot.RunAsync(_ => FillAsync(reader, table.Layout, BatchRows)).ConfigureAwait(false);
            if (batch.Count == 0)
            {
                yield break;
            }

            yield return batch;
        }
    }

    /// <summary>The next rows of a reader, at most so many.</summary>
    public static async ValueTask<PartialBatch> FillAsync(NpgsqlDataReader reader, PartialLayout layout, int limit)
    {
        PartialBatch batch = new(layout);
        IReadOnlyList<ColumnReader> readers = ViewTable.Readers(batch);
        while (batch.Count < limit && await reader.ReadAsync().ConfigureAwait(false))
        {
            for (int i = 0; i < readers.Count; i++)
            {
                readers[i].Read(reader, i);
            }
        }

        return batch;
    }
}

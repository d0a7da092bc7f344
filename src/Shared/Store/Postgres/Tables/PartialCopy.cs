using Lambda.Store.Postgres.Columns;
using Lambda.Views.Partials;
using Npgsql;
using NpgsqlTypes;

namespace Lambda.Store.Postgres.Tables;

/// <summary>Copies partials into a table.</summary>
internal static class PartialCopy
{
    /// <summary>Copies the first <paramref name="count"/> partials to the stage of their view, which must be there.</summary>
    public static ValueTask<int> StageAsync(NpgsqlConnection connection, ViewTable table, PartialBatch partials, int count) =>
        RunAsync(connection, table, new Place($"pg_temp.{table.StageName}", "", Owner: null), partials, 0, count);

    /// <summary>Copies partials to where an epoch has none at their addresses: those of the batch from <see cref="PartialBatch.FirstNew"/> on.</summary>
    public static ValueTask<int> AddToEpochAsync(NpgsqlConnection connection, ViewTable table, int slot, long epoch, PartialBatch partials) => RunAsync(
        connection,
        table,
        new Place(table.SpeedRowsName, "epoch, partition, ", (epoch, slot)),
        partials,
        partials.FirstNew,
        partials.Count - partials.FirstNew);

    /// <summary>Copies partials to a generation.</summary>
    public static ValueTask<int> AddToGenerationAsync(
        NpgsqlConnection connection, ViewTable table, long generation, PartialKind kind, PartialBatch partials) => RunAsync(
            connection,
            table,
            new Place(table.BatchName, "generation, kind, ", (generation, (int)kind)),
            partials,
            0,
            partials.Count);

    private static async ValueTask<int> RunAsync(
        NpgsqlConnection connection, ViewTable table, Place place, PartialBatch partials, int first, int count)
    {
        IReadOnlyList<ColumnWriter> writers = ViewTable.Writers(partials);
        KeyAddress address = new();
        NpgsqlBinaryImporter copy = await connection
            .BeginBinaryImportAsync($"COPY {place.Table} ({ViewTable.Address}, {place.Columns}{table.PartialColumns}) FROM STDIN (FORMAT BINARY)")
            .ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            for (int row = first; row < first + count; row++)
            {
                await copy.StartRowAsync().ConfigureAwait(false);
                await copy.WriteAsync(address.Of(partials.Keys, row), NpgsqlDbType.Bytea).ConfigureAwait(false);
                if (place.Owner is { } owner)
                {
                    await copy.WriteAsync(owner.Number, NpgsqlDbType.Bigint).ConfigureAwait(false);
                    await copy.WriteAsync(owner.Part, NpgsqlDbType.Integer).ConfigureAwait(false);
                }

                foreach (ColumnWriter writer in writers)
                {
                    await writer.WriteAsync(copy, row).ConfigureAwait(false);
                }
            }

            await copy.CompleteAsync().ConfigureAwait(false);
        }

        return count;
    }

    /// <summary>Where rows go.</summary>
    /// <param name="Table">The table.</param>
    /// <param name="Columns">The columns before those of the partials that say whose they are, each followed by a comma; none in a stage.</param>
    /// <param name="Owner">Their values: an epoch and its partition, or a generation and a kind.</param>
    private sealed record Place(string Table, string Columns, (long Number, int Part)? Owner);
}

using Lambda.Store.Postgres.Columns;
using Lambda.Views;
using Npgsql;
using NpgsqlTypes;

namespace Lambda.Store.Postgres;

/// <summary>Copies partials into a table.</summary>
internal static class PartialCopy
{
    /// <summary>Copies partials to the stage of their view, which must be there.</summary>
    public static ValueTask<int> StageAsync(NpgsqlConnection connection, ViewTable table, PartialBatch partials) =>
        RunAsync(connection, table, $"pg_temp.{table.StageName}", null, partials);

    /// <summary>Copies partials to a generation.</summary>
    public static ValueTask<int> AddToGenerationAsync(
        NpgsqlConnection connection, ViewTable table, long generation, PartialKind kind, PartialBatch partials) => RunAsync(
            connection,
            table,
            table.BatchName,
            (generation, kind),
            partials);

    private static async ValueTask<int> RunAsync(
        NpgsqlConnection connection,
        ViewTable table,
        string into,
        (long Generation, PartialKind Kind)? place,
        PartialBatch partials)
    {
        IReadOnlyList<ColumnWriter> writers = ViewTable.Writers(partials);
        string columns = place is null ? "" : "generation, kind, ";
        KeyAddress address = new();
        NpgsqlBinaryImporter copy = await connection
            .BeginBinaryImportAsync($"COPY {into} ({ViewTable.Address}, {columns}{table.PartialColumns}) FROM STDIN (FORMAT BINARY)")
            .ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            for (int row = 0; row < partials.Count; row++)
            {
                await copy.StartRowAsync().ConfigureAwait(false);
                await copy.WriteAsync(address.Of(partials.Keys, row), NpgsqlDbType.Bytea).ConfigureAwait(false);
                if (place is { } given)
                {
                    await copy.WriteAsync(given.Generation, NpgsqlDbType.Bigint).ConfigureAwait(false);
                    await copy.WriteAsync((int)given.Kind, NpgsqlDbType.Integer).ConfigureAwait(false);
                }

                foreach (ColumnWriter writer in writers)
                {
                    await writer.WriteAsync(copy, row).ConfigureAwait(false);
                }
            }

            await copy.CompleteAsync().ConfigureAwait(false);
        }

        return partials.Count;
    }
}

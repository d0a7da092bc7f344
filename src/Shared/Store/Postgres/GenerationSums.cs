using Npgsql;

namespace Lambda.Store.Postgres;

/// <summary>Compares generations without reading their rows: sums over hashes do not depend on the order of rows.</summary>
internal static class GenerationSums
{
    /// <summary>Whether two generations hold the same partials of a view among those that overlap a range.</summary>
    public static async ValueTask<bool> AreSameAsync(NpgsqlConnection connection, ViewTable table, long one, long other, WindowRange range) =>
        await ReadAsync(connection, table, one, range).ConfigureAwait(false) == await ReadAsync(connection, table, other, range).ConfigureAwait(false);

    private static async ValueTask<(long Count, decimal Sum)> ReadAsync(
        NpgsqlConnection connection, ViewTable table, long generation, WindowRange range)
    {
        PartialFilter filter = PartialFilter
            .Of(await GenerationRows.FilterAsync(connection, table.Layout.Stream, generation, table.BatchName).ConfigureAwait(false)).Overlaps(range);

        // Of the text: to hashes of the values, zeros of both signs are equal, and decimals of different scales.
        await using NpgsqlCommand command = filter.Select(
            connection, $"count(*), coalesce(sum(hashtextextended(ROW(kind, {table.PartialColumns})::text, 0)), 0)", table.BatchName);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        await reader.ReadAsync().ConfigureAwait(false);
        return (reader.GetInt64(0), reader.GetDecimal(1));
    }
}

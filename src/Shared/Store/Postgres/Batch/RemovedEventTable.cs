using Dapper;
using Lambda.Log;
using Lambda.Store.Relational;
using Npgsql;
using NpgsqlTypes;

namespace Lambda.Store.Postgres.Batch;

/// <summary>The events that count in nothing of a generation.</summary>
internal static class RemovedEventTable
{
    /// <summary>Adds events of a generation.</summary>
    public static async ValueTask<int> AddAsync(NpgsqlConnection connection, string stream, long generation, IReadOnlyList<LogPosition> removed)
    {
        NpgsqlBinaryImporter copy = await connection
            .BeginBinaryImportAsync("COPY removed_events (stream, generation, partition, position) FROM STDIN (FORMAT BINARY)").ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            foreach (LogPosition position in removed)
            {
                await copy.StartRowAsync().ConfigureAwait(false);
                await copy.WriteAsync(stream, NpgsqlDbType.Text).ConfigureAwait(false);
                await copy.WriteAsync(generation, NpgsqlDbType.Bigint).ConfigureAwait(false);
                await copy.WriteAsync(position.Partition, NpgsqlDbType.Integer).ConfigureAwait(false);
                await copy.WriteAsync(position.Offset, NpgsqlDbType.Bigint).ConfigureAwait(false);
            }

            await copy.CompleteAsync().ConfigureAwait(false);
        }

        return removed.Count;
    }

    /// <summary>Takes positions out of what a generation has carried over.</summary>
    public static async ValueTask<int> TakeAsync(NpgsqlConnection connection, GenerationInfo generation, IReadOnlyCollection<LogPosition> positions)
    {
        int taken = await connection.ExecuteAsync(
            $"""
            UPDATE removed_events AS held SET replaced_by = {generation.Generation} FROM unnest(@partitions, @offsets) AS taken (partition, position)
            WHERE held.stream = @Stream AND {GenerationFilter.Of(generation, "held")} AND held.partition = taken.partition AND held.position = taken.position
            """,
            new
            {
                generation.Stream,
                partitions = positions.Select(position => position.Partition).ToArray(),
                offsets = positions.Select(position => position.Offset).ToArray(),
            }).ConfigureAwait(false);

        // Rows that were copied for this generation are nobody else's.
        await connection.ExecuteAsync(
            $"DELETE FROM removed_events WHERE stream = @Stream AND generation = {generation.Generation} AND replaced_by = {generation.Generation}",
            new { generation.Stream }).ConfigureAwait(false);
        return taken;
    }

    /// <summary>Removes those that a generation alone holds; what one that was not published has taken out stays where it was.</summary>
    public static async ValueTask RemoveAsync(NpgsqlConnection connection, GenerationInfo generation, string only)
    {
        await connection.ExecuteAsync($"DELETE FROM removed_events WHERE stream = @Stream AND {only}", new { generation.Stream }).ConfigureAwait(false);
        if (generation.State == GenerationState.Writing)
        {
            await connection.ExecuteAsync(
                $"""
                UPDATE removed_events SET replaced_by = {GenerationFilter.Held}
                WHERE stream = @Stream AND replaced_by = {generation.Generation} AND generation BETWEEN {generation.Root} AND {generation.Generation}
                """,
                new { generation.Stream }).ConfigureAwait(false);
        }
    }

    /// <summary>Reads those of a generation.</summary>
    public static async ValueTask<IReadOnlyList<LogPosition>> ReadAsync(NpgsqlConnection connection, string stream, long generation)
    {
        string filter = await GenerationRows.FilterAsync(connection, stream, generation, "removed_events").ConfigureAwait(false);
        return
        [
            .. (await connection.QueryAsync<(int Partition, long Position)>(
                $"SELECT partition, position FROM removed_events WHERE stream = @stream AND {filter}", new { stream }).ConfigureAwait(false))
                .Select(row => new LogPosition(row.Partition, row.Position)),
        ];
    }

    /// <summary>Copies those of a generation to another, which shares no rows with it.</summary>
    public static Task<int> CopyAsync(NpgsqlConnection connection, GenerationInfo from, long to) => connection.ExecuteAsync(
        $"""
        INSERT INTO removed_events (stream, generation, partition, position) SELECT stream, {to}, partition, position FROM removed_events
        WHERE stream = @Stream AND {GenerationFilter.Of(from, "removed_events")}
        """,
        new { from.Stream });
}

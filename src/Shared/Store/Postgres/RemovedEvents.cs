using Dapper;
using Lambda.Log;
using Lambda.Store.Relational;
using Npgsql;
using NpgsqlTypes;

namespace Lambda.Store.Postgres;

/// <summary>The events that count in nothing of a generation.</summary>
internal static class RemovedEvents
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

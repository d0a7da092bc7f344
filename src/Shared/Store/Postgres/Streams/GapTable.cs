using Dapper;
using Lambda.Log;
using Lambda.Store.Postgres.Database;
using Lambda.Time;
using Npgsql;

namespace Lambda.Store.Postgres.Streams;

/// <summary>Offsets that streams go on without.</summary>
internal static class GapTable
{
    /// <summary>Adds a gap unless it is there.</summary>
    public static async ValueTask<int> AddAsync(NpgsqlConnection connection, LogGap gap, StoreClock clock)
    {
        await PartitionRows.ReadAsync(connection, gap.Stream, gap.Partition, clock).ConfigureAwait(false);
        return await connection.ExecuteAsync(
            """
            INSERT INTO log_gaps VALUES (@Stream, @Partition, @Start, @End, @acceptedAt) ON CONFLICT DO NOTHING;
            UPDATE streams SET changes = changes + 1 WHERE stream = @Stream
            """,
            new { gap.Stream, gap.Partition, gap.Offsets.Start, gap.Offsets.End, acceptedAt = UtcMicroseconds.From(gap.AcceptedAt) }).ConfigureAwait(false);
    }

    /// <summary>The gaps of a stream, by partition and offset.</summary>
    public static async ValueTask<IReadOnlyList<LogGap>> ReadAsync(NpgsqlConnection connection, string stream) =>
    [
        .. (await connection.QueryAsync<(int Partition, long Start, long End, long AcceptedAt)>(
            """
            SELECT partition, start_offset, end_offset, accepted_at FROM log_gaps WHERE stream = @stream
            ORDER BY partition, start_offset, end_offset
            """,
            new { stream }).ConfigureAwait(false))
            .Select(row => new LogGap(stream, row.Partition, new OffsetRange(row.Start, row.End), UtcMicroseconds.ToDateTimeOffset(row.AcceptedAt))),
    ];
}

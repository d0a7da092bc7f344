using Dapper;
using DuckDB.NET.Data;
using Lambda.Log;
using Lambda.Time;

namespace Lambda.Store.Embedded.Streams;

/// <summary>Offsets that streams go on without.</summary>
internal static class GapTable
{
    /// <summary>Adds a gap unless it is there.</summary>
    public static int Add(DuckDBConnection connection, LogGap gap)
    {
        PartitionRows.Read(connection, gap.Stream, gap.Partition, UtcMicroseconds.From(gap.AcceptedAt));
        return connection.Execute(
            """
            INSERT INTO log_gaps SELECT $stream, $partition, $start, $end, $acceptedAt WHERE NOT EXISTS (
                SELECT 1 FROM log_gaps WHERE stream = $stream AND partition = $partition AND start_offset = $start AND end_offset = $end)
            """,
            new
            {
                stream = gap.Stream,
                partition = gap.Partition,
                start = gap.Offsets.Start,
                end = gap.Offsets.End,
                acceptedAt = UtcMicroseconds.From(gap.AcceptedAt),
            });
    }

    /// <summary>The gaps of a stream, by partition and offset.</summary>
    public static IReadOnlyList<LogGap> Read(DuckDBConnection connection, string stream) => [.. connection
        .Query<(int Partition, long Start, long End, long AcceptedAt)>(
            """
            SELECT partition, start_offset, end_offset, accepted_at FROM log_gaps WHERE stream = $stream
            ORDER BY partition, start_offset, end_offset
            """,
            new { stream })
        .Select(row => new LogGap(stream, row.Partition, new OffsetRange(row.Start, row.End), UtcMicroseconds.ToDateTimeOffset(row.AcceptedAt)))];
}

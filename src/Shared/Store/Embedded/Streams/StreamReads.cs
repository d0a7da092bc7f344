using Dapper;
using DuckDB.NET.Data;
using Lambda.Log;
using Lambda.Store.Embedded.Batch;
using Lambda.Store.Relational;

namespace Lambda.Store.Embedded.Streams;

/// <summary>The state of streams and their epochs.</summary>
internal static class StreamReads
{
    /// <summary>The state of a stream; null when it is not known.</summary>
    public static StreamStatus? ReadStatus(DuckDBConnection connection, string stream)
    {
        // A stream that is known has a partition at least.
        StatusRow[] partitions = [.. connection.Query<StatusRow>($"SELECT {StatusRow.Columns} FROM partitions WHERE stream = $stream", new { stream })
            .OrderBy(row => row.Partition)];
        return partitions.Length == 0 ? null : new StreamStatus(
            stream,
            [.. partitions.Select(row => row.ToStatus())],
            GenerationRows.ReadCurrent(connection, stream),
            QuarantineTable.Count(connection, stream))
        {
            Edition = partitions[0].Edition,
        };
    }

    /// <summary>The epochs of a stream, or of the lane of another of its editions; none for partitions that were never claimed.</summary>
    public static IReadOnlyList<EpochInfo> ReadEpochs(DuckDBConnection connection, string stream) => [.. connection
        .Query<(int Partition, long Epoch, long Start, long End, bool IsOpen, int Edition)>(
            """
            SELECT partition, sealed_epochs.epoch, sealed_epochs.start_offset, end_offset, false, edition FROM sealed_epochs JOIN partitions USING (stream, partition)
            WHERE stream = $stream
            UNION ALL
            SELECT partition, epoch, epoch_start, next_offset, true, edition FROM partitions WHERE stream = $stream AND epoch > 0
            """,
            new { stream })
        .OrderBy(row => row.Partition).ThenBy(row => row.Epoch).Select(ToInfo)];

    /// <summary>The open epochs of a stream, and at least those that begin at a boundary or later, not all there have ever been.</summary>
    public static IReadOnlyList<EpochInfo> ReadEpochsFrom(DuckDBConnection connection, string stream, Boundary boundary) => [.. connection
        .Query<(int Partition, long Epoch, long Start, long End, bool IsOpen, int Edition)>(
            """
            SELECT partition, sealed_epochs.epoch, sealed_epochs.start_offset, end_offset, false, edition FROM sealed_epochs JOIN partitions USING (stream, partition)
            WHERE stream = $stream AND sealed_epochs.start_offset >= $least
            UNION ALL
            SELECT partition, epoch, epoch_start, next_offset, true, edition FROM partitions WHERE stream = $stream AND epoch > 0
            """,
            new { stream, least = boundary.Offsets.Min() })
        .OrderBy(row => row.Partition).ThenBy(row => row.Epoch).Select(ToInfo)];

    private static EpochInfo ToInfo((int Partition, long Epoch, long Start, long End, bool IsOpen, int Edition) row) => new(
        row.Partition, row.Epoch, new OffsetRange(row.Start, row.End), row.IsOpen ? EpochState.Open : EpochState.Sealed)
    {
        Edition = row.Edition,
    };
}

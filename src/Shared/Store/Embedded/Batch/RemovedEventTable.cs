using Dapper;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store.Embedded.Vectors;
using Lambda.Store.Relational;

namespace Lambda.Store.Embedded.Batch;

/// <summary>The events that count in nothing of a generation.</summary>
internal static class RemovedEventTable
{
    /// <summary>Adds events of a generation.</summary>
    public static int Add(DuckDBConnection connection, string stream, long generation, IReadOnlyList<LogPosition> removed)
    {
        ColumnBuffer<string> streams = new(ColumnType.String);
        ColumnBuffer<int> partitions = new(ColumnType.Int32);
        ColumnBuffer<long> offsets = new(ColumnType.Int64);
        foreach (LogPosition position in removed)
        {
            streams.Add(stream);
            partitions.Add(position.Partition);
            offsets.Add(position.Offset);
        }

        ChunkAppend.Run(
            connection,
            null,
            "removed_events",
            [
                VectorWriter.Of(streams), new ConstantVectorWriter<long>(DuckDBType.BigInt, generation), VectorWriter.Of(partitions),
                VectorWriter.Of(offsets), new ConstantVectorWriter<long>(DuckDBType.BigInt, GenerationFilter.Held),
            ],
            0,
            removed.Count);
        return removed.Count;
    }

    /// <summary>Takes positions out of what a generation has carried over.</summary>
    public static int Take(DuckDBConnection connection, GenerationInfo generation, IReadOnlyCollection<LogPosition> positions)
    {
        StagedPositions.Write(connection, positions);
        int taken = connection.Execute(
            $"""
            UPDATE removed_events AS held SET replaced_by = {generation.Generation} FROM temp.{StagedPositions.Table} AS taken
            WHERE held.stream = $Stream AND {GenerationFilter.Of(generation, "held")} AND held.partition = taken.partition AND held.position = taken.position
            """,
            new { generation.Stream });

        // Rows that were copied for this generation are nobody else's.
        connection.Execute(
            $"DELETE FROM removed_events WHERE stream = $Stream AND generation = {generation.Generation} AND replaced_by = {generation.Generation}",
            new { generation.Stream });
        return taken;
    }

    /// <summary>Removes those that a generation alone holds; what one that was not published has taken out stays where it was.</summary>
    public static void Remove(DuckDBConnection connection, GenerationInfo generation, string only)
    {
        connection.Execute($"DELETE FROM removed_events WHERE stream = $Stream AND {only}", new { generation.Stream });
        if (generation.State == GenerationState.Writing)
        {
            connection.Execute(
                $"""
                UPDATE removed_events SET replaced_by = {GenerationFilter.Held}
                WHERE stream = $Stream AND replaced_by = {generation.Generation} AND generation BETWEEN {generation.Root} AND {generation.Generation}
                """,
                new { generation.Stream });
        }
    }

    /// <summary>Reads those of a generation.</summary>
    public static IReadOnlyList<LogPosition> Read(DuckDBConnection connection, string stream, long generation) =>
    [
        .. connection.Query<(int Partition, long Position)>(
            $"""
            SELECT partition, position FROM removed_events
            WHERE stream = $stream AND {GenerationRows.Filter(connection, stream, generation, "removed_events")}
            """,
            new { stream }).Select(row => new LogPosition(row.Partition, row.Position)),
    ];

    /// <summary>Copies those of a generation to another, which shares no rows with it.</summary>
    public static int Copy(DuckDBConnection connection, GenerationInfo from, long to) => connection.Execute(
        $"""
        INSERT INTO removed_events SELECT stream, {to}, partition, position, {GenerationFilter.Held} FROM removed_events
        WHERE stream = $Stream AND {GenerationFilter.Of(from, "removed_events")}
        """,
        new { from.Stream });
}

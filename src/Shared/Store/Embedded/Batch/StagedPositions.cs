using Dapper;
using DuckDB.NET.Data;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store.Embedded.Vectors;

namespace Lambda.Store.Embedded.Batch;

/// <summary>Positions in a log as a temporary table, for statements to join.</summary>
internal static class StagedPositions
{
    /// <summary>The table, in the schema <c>temp</c>, with the columns partition and position.</summary>
    public const string Table = "stage_positions";

    /// <summary>Fills the table with these and no others.</summary>
    public static void Write(DuckDBConnection connection, IReadOnlyCollection<LogPosition> positions)
    {
        ColumnBuffer<int> partitions = new(ColumnType.Int32);
        ColumnBuffer<long> offsets = new(ColumnType.Int64);
        foreach (LogPosition position in positions)
        {
            partitions.Add(position.Partition);
            offsets.Add(position.Offset);
        }

        connection.Execute($"CREATE OR REPLACE TEMP TABLE {Table} (partition INTEGER, position BIGINT)");
        ChunkAppend.Run(connection, "temp", Table, [VectorWriter.Of(partitions), VectorWriter.Of(offsets)], 0, positions.Count);
    }
}

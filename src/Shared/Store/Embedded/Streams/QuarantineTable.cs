using Dapper;
using DuckDB.NET.Data;
using Lambda.Events;
using Lambda.Log;
using Lambda.Store.Embedded.Batch;
using Lambda.Store.Embedded.Vectors;

namespace Lambda.Store.Embedded.Streams;

/// <summary>Records that a layer has refused, once for each position and layer, and once only when both refused it for the same reason.</summary>
internal static class QuarantineTable
{
    public const string SpeedLayer = "speed";
    public const string BatchLayer = "batch";

    /// <summary>
    /// Which of the staged records are not there yet. Two joins by equality, which DuckDB does by hashes; with an OR in one it would compare every record with every other that is kept.
    /// </summary>
    internal const string SelectNewSql =
        """
        SELECT number FROM temp.stage_quarantine
        ANTI JOIN quarantine AS of_layer USING (stream, partition, position, layer)
        ANTI JOIN quarantine AS of_reason USING (stream, partition, position, reason)
        ORDER BY number
        """;

    /// <summary>Without what the records hold: of large ones there would be two copies within what the database has of memory.</summary>
    internal const string CreateStageSql =
        "CREATE OR REPLACE TEMP TABLE stage_quarantine AS SELECT 0 AS number, stream, partition, position, layer, reason FROM quarantine LIMIT 0";

    private const string Description = "stream, partition, position, layer, appended_at, reason, detail";

    /// <summary>Adds records; those that are there already, from the same layer or for the same reason, are left alone.</summary>
    /// <returns>How many were added.</returns>
    public static int Add(DuckDBConnection connection, string layer, IReadOnlyList<QuarantinedRecord> records)
    {
        if (records.Count == 0)
        {
            return 0;
        }

        QuarantinedRecord[] distinct = [.. records.DistinctBy(record => (record.Stream, record.Partition, record.Offset))];
        QuarantinedRecord[] added = [.. SelectNew(connection, layer, distinct).Select(number => distinct[number])];
        ChunkAppend.Run(
            connection,
            null,
            "quarantine",
            [
                .. Addresses(layer, added),
                Column(ColumnType.Int64, added, record => record.AppendedAt),
                Column(ColumnType.String, added, record => record.Reason.ToString()),
                Column(ColumnType.String, added, record => record.Detail),
                Column(ColumnType.Bytes, added, record => QuarantinePieces.First(record.Key)),
                Column(ColumnType.Bytes, added, record => QuarantinePieces.First(record.Value)),
                Column(ColumnType.Int64, added, record => (long)record.Value.Length),
            ],
            0,
            added.Length);
        QuarantinePieces.Add(connection, layer, added);
        return added.Length;
    }

    /// <summary>Which of some records are not there yet, by their places among them.</summary>
    private static IEnumerable<int> SelectNew(DuckDBConnection connection, string layer, QuarantinedRecord[] records)
    {
        connection.Execute(CreateStageSql);
        ChunkAppend.Run(
            connection,
            "temp",
            "stage_quarantine",
            [
                Column(ColumnType.Int32, [.. Enumerable.Range(0, records.Length)], number => number),
                .. Addresses(layer, records),
                Column(ColumnType.String, records, record => record.Reason.ToString()),
            ],
            0,
            records.Length);
        return connection.Query<int>(SelectNewSql);
    }

    private static VectorWriter[] Addresses(string layer, QuarantinedRecord[] records) =>
    [
        Column(ColumnType.String, records, record => record.Stream),
        Column(ColumnType.Int32, records, record => record.Partition),
        Column(ColumnType.Int64, records, record => record.Offset),
        Column(ColumnType.String, records, _ => layer),
    ];

    private static VectorWriter Column<TItem, T>(ColumnType type, TItem[] items, Func<TItem, T> value)
    {
        ColumnBuffer<T> column = new(type);
        foreach (TItem item in items)
        {
            column.Add(value(item));
        }

        return VectorWriter.Of(column);
    }

    /// <summary>Removes the records at positions, whichever layer has refused them.</summary>
    public static int Remove(DuckDBConnection connection, string stream, IReadOnlyCollection<LogPosition> positions)
    {
        StagedPositions.Write(connection, positions);
        QuarantinePieces.Remove(connection, stream, $"temp.{StagedPositions.Table}");
        return connection.Execute(
            $"""
            DELETE FROM quarantine USING temp.{StagedPositions.Table} AS gone
            WHERE quarantine.stream = $stream AND quarantine.partition = gone.partition AND quarantine.position = gone.position
            """,
            new { stream });
    }

    /// <summary>How many records there are of each reason.</summary>
    public static IReadOnlyDictionary<RejectReason, long> Count(DuckDBConnection connection, string stream) => connection
        .Query<(string Reason, long Count)>("SELECT reason, count(*) FROM quarantine WHERE stream = $stream GROUP BY reason", new { stream })
        .ToDictionary(row => Enum.Parse<RejectReason>(row.Reason), row => row.Count);

    /// <summary>Records by reason, newest append first; those of a stretch by offset, the highest first.</summary>
    public static QuarantinePage Read(DuckDBConnection connection, string stream, QuarantineFilter filter, int limit)
    {
        string where = $"stream = {SqlLiteral.Of(stream)}";
        if (filter.Reasons.Count > 0)
        {
            where += $" AND reason IN ({string.Join(", ", filter.Reasons.Select(reason => $"'{reason}'"))})";
        }

        string order = "appended_at DESC, partition, position DESC, layer DESC";
        if (filter.Within is { } stretch)
        {
            where += $" AND partition = {stretch.Partition} AND position < {stretch.Below}";
            order = "position DESC, layer DESC";
        }

        long total = connection.ExecuteScalar<long>($"SELECT count(*) FROM quarantine WHERE {where}");
        return new QuarantinePage(total, Select(connection, filter.MaxBytes, $"{where} ORDER BY {order} LIMIT {limit}"));
    }

    /// <summary>The record at a position; the speed layer's reason when both layers have refused it.</summary>
    public static QuarantinedRecord? Find(DuckDBConnection connection, string stream, int partition, long offset) => Select(
        connection,
        null,
        $"stream = {SqlLiteral.Of(stream)} AND partition = {partition} AND position = '{offset}'::BIGINT ORDER BY layer DESC LIMIT 1")
        .SingleOrDefault();

    private static List<QuarantinedRecord> Select(DuckDBConnection connection, int? maxBytes, string condition)
    {
        var stream = new ColumnBuffer<string>(ColumnType.String);
        var partition = new ColumnBuffer<int>(ColumnType.Int32);
        var position = new ColumnBuffer<long>(ColumnType.Int64);
        var layer = new ColumnBuffer<string>(ColumnType.String);
        var appendedAt = new ColumnBuffer<long>(ColumnType.Int64);
        var reason = new ColumnBuffer<string>(ColumnType.String);
        var detail = new ColumnBuffer<string>(ColumnType.String);
        var key = new ColumnBuffer<byte[]>(ColumnType.Bytes);
        var value = new ColumnBuffer<byte[]>(ColumnType.Bytes);
        var length = new ColumnBuffer<long>(ColumnType.Int64);
        VectorReader[] readers =
            [.. new ColumnBuffer[] { stream, partition, position, layer, appendedAt, reason, detail, key, value, length }.Select(VectorReader.Of)];

        // Those of earlier versions of the program stand in their rows whole, and have no length besides.
        string columns = $"{Description}, {Beginning("record_key", maxBytes)}, {Beginning("record_value", maxBytes)}, coalesce(value_bytes, octet_length(record_value))";
        string rows = $"quarantine WHERE {condition}";
        using (var scan = new ChunkScan(connection, $"SELECT {columns} FROM {rows}", ScanMode.Collected))
        {
            while (scan.ReadChunk(readers) > 0)
            {
            }
        }

        var pieces = maxBytes is null or > QuarantinePieces.Bytes ? QuarantinePieces.Read(connection, rows) : null;
        return [.. Enumerable.Range(0, stream.Count).Select(Record)];

        QuarantinedRecord Record(int row)
        {
            byte[] read = Read(row, value[row], isKey: false);
            return new QuarantinedRecord(
                stream[row], partition[row], position[row], appendedAt[row], Enum.Parse<RejectReason>(reason[row]), detail[row], Read(row, key[row], isKey: true), read)
            {
                Unread = (int)(length[row] - read.Length),
            };
        }

        byte[] Read(int row, byte[] first, bool isKey)
        {
            if (pieces is null)
            {
                return first;
            }

            byte[] whole = QuarantinePieces.Whole(first, pieces[(partition[row], position[row], layer[row], isKey)]);
            return maxBytes < whole.Length ? whole[..maxBytes.Value] : whole;
        }
    }

    private static string Beginning(string column, int? maxBytes) => maxBytes is { } bytes ? $"array_slice({column}, 1, {bytes})" : column;
}

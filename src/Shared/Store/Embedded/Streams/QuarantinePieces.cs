using Dapper;
using DuckDB.NET.Data;
using Lambda.Events;
using Lambda.Store.Embedded.Vectors;

namespace Lambda.Store.Embedded.Streams;

/// <summary>
/// What of the keys and values of refused records does not stand in their rows. DuckDB looks at 2,048 rows at a time when it packs a table, with all that they hold in memory: where
/// these were whole records, as many of a megabyte as the memory it was given made it give the database up.
/// </summary>
internal static class QuarantinePieces
{
    /// <summary>How many bytes of a key, and of a value, stand in a row. 2,048 rows of both are half of the least memory that a store may be given.</summary>
    public const int Bytes = 8 << 10;

    private const string Columns = "stream, partition, position, layer, is_key, number, piece";

    /// <summary>What stands in the row.</summary>
    public static byte[] First(ReadOnlyMemory<byte> whole) => whole[..Math.Min(whole.Length, Bytes)].ToArray();

    /// <summary>Adds what does not stand in the rows of records.</summary>
    public static void Add(DuckDBConnection connection, string layer, IReadOnlyList<QuarantinedRecord> records)
    {
        var stream = new ColumnBuffer<string>(ColumnType.String);
        var partition = new ColumnBuffer<int>(ColumnType.Int32);
        var position = new ColumnBuffer<long>(ColumnType.Int64);
        var layers = new ColumnBuffer<string>(ColumnType.String);
        var isKey = new ColumnBuffer<bool>(ColumnType.Boolean);
        var number = new ColumnBuffer<int>(ColumnType.Int32);
        var piece = new ColumnBuffer<byte[]>(ColumnType.Bytes);
        foreach (QuarantinedRecord record in records)
        {
            AddRest(record, record.Key, ofKey: true);
            AddRest(record, record.Value, ofKey: false);
        }

        if (stream.Count > 0)
        {
            ChunkAppend.Run(
                connection,
                null,
                "quarantine_pieces",
                [.. new ColumnBuffer[] { stream, partition, position, layers, isKey, number, piece }.Select(VectorWriter.Of)],
                0,
                stream.Count);
        }

        void AddRest(QuarantinedRecord record, ReadOnlyMemory<byte> whole, bool ofKey)
        {
            for (int start = Bytes; start < whole.Length; start += Bytes)
            {
                stream.Add(record.Stream);
                partition.Add(record.Partition);
                position.Add(record.Offset);
                layers.Add(layer);
                isKey.Add(ofKey);
                number.Add(start / Bytes);
                piece.Add(whole.Slice(start, Math.Min(Bytes, whole.Length - start)).ToArray());
            }
        }
    }

    /// <summary>Reads pieces of the records that a query over their rows finds, in no order.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="rows">What follows <c>FROM</c> in it.</param>
    public static ILookup<(int Partition, long Position, string Layer, bool IsKey), (int Number, byte[] Piece)> Read(DuckDBConnection connection, string rows)
    {
        var stream = new ColumnBuffer<string>(ColumnType.String);
        var partition = new ColumnBuffer<int>(ColumnType.Int32);
        var position = new ColumnBuffer<long>(ColumnType.Int64);
        var layer = new ColumnBuffer<string>(ColumnType.String);
        var isKey = new ColumnBuffer<bool>(ColumnType.Boolean);
        var number = new ColumnBuffer<int>(ColumnType.Int32);
        var piece = new ColumnBuffer<byte[]>(ColumnType.Bytes);
        VectorReader[] readers = [.. new ColumnBuffer[] { stream, partition, position, layer, isKey, number, piece }.Select(VectorReader.Of)];
        string sql = $"SELECT {Columns} FROM quarantine_pieces SEMI JOIN (SELECT stream, partition, position, layer FROM {rows}) AS found USING (stream, partition, position, layer)";
        using (var scan = new ChunkScan(connection, sql, ScanMode.Streamed))
        {
            while (scan.ReadChunk(readers) > 0)
            {
            }
        }

        return Enumerable.Range(0, stream.Count).ToLookup(
            row => (partition[row], position[row], layer[row], isKey[row]), row => (number[row], piece[row]));
    }

    /// <summary>Puts together what stands in a row and its pieces.</summary>
    public static byte[] Whole(byte[] first, IEnumerable<(int Number, byte[] Piece)> rest)
    {
        byte[][] parts = [first, .. rest.OrderBy(piece => piece.Number).Select(piece => piece.Piece)];
        byte[] whole = new byte[parts.Sum(part => part.Length)];
        int end = 0;
        foreach (byte[] part in parts)
        {
            part.CopyTo(whole, end);
            end += part.Length;
        }

        return whole;
    }

    /// <summary>Removes those of records at staged positions.</summary>
    public static void Remove(DuckDBConnection connection, string stream, string staged) => connection.Execute(
        $"""
        DELETE FROM quarantine_pieces USING {staged} AS gone
        WHERE quarantine_pieces.stream = $stream AND quarantine_pieces.partition = gone.partition AND quarantine_pieces.position = gone.position
        """,
        new { stream });
}

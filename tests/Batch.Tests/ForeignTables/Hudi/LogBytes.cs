using System.Buffers.Binary;
using System.Text;
using Avro.IO;

namespace Lambda.Batch.Tests.ForeignTables.Hudi;

/// <summary>Blocks of logs as Hudi writes them.</summary>
internal static class LogBytes
{
    public const int Command = 0;
    public const int DeleteKind = 1;
    public const int AvroKind = 3;
    public const int ParquetKind = 5;

    /// <summary>A block of any kind.</summary>
    public static byte[] Block(int kind, IReadOnlyDictionary<int, string> headers, byte[] content, int version = 1)
    {
        using MemoryStream stream = new();
        Span<byte> number = stackalloc byte[sizeof(long)];
        void Int(int value, Span<byte> number)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, value);
            stream.Write(number[..sizeof(int)]);
        }

        Int(version, number);
        Int(kind, number);
        Int(headers.Count, number);
        foreach ((int header, string text) in headers)
        {
            Int(header, number);
            Int(Encoding.UTF8.GetByteCount(text), number);
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        BinaryPrimitives.WriteInt64BigEndian(number, content.Length);
        stream.Write(number);
        stream.Write(content);
        Int(0, number);
        long size = stream.Length + sizeof(long);
        BinaryPrimitives.WriteInt64BigEndian(number, size + 6);
        stream.Write(number);
        byte[] head = [.. "#HUDI#"u8, .. BitConverter.GetBytes(size).Reverse()];
        return [.. head, .. stream.ToArray()];
    }

    /// <summary>Records in Avro.</summary>
    public static byte[] Records(string instant, string schema, params Action<BinaryEncoder>[] records) =>
        Block(AvroKind, new Dictionary<int, string> { [0] = instant, [2] = schema }, RecordContent(records));

    public static byte[] RecordContent(params Action<BinaryEncoder>[] records) =>
        [.. Number(3), .. Number(records.Length), .. records.Select(Encode).SelectMany(bytes => Number(bytes.Length).Concat(bytes))];

    /// <summary>Deletions; an ordering value is written with the number of its type before it.</summary>
    public static byte[] Deletes(string instant, params (string Key, Action<BinaryEncoder> Ordering)[] keys) =>
        Block(DeleteKind, new Dictionary<int, string> { [0] = instant }, DeleteContent(keys));

    public static byte[] DeleteContent(params (string Key, Action<BinaryEncoder> Ordering)[] keys)
    {
        byte[] list = Encode(encoder =>
        {
            encoder.WriteLong(keys.Length);
            foreach ((string key, Action<BinaryEncoder> ordering) in keys)
            {
                encoder.WriteLong(1);
                encoder.WriteString(key);
                encoder.WriteLong(0);
                ordering(encoder);
            }

            encoder.WriteLong(0);
        });
        return [.. Number(3), .. Number(list.Length), .. list];
    }

    /// <summary>The command to take back the blocks of a write.</summary>
    public static byte[] Rollback(string instant, string target) =>
        Block(Command, new Dictionary<int, string> { [0] = instant, [1] = target, [3] = "0" }, []);

    public static byte[] Encode(Action<BinaryEncoder> value)
    {
        using MemoryStream stream = new();
        value(new BinaryEncoder(stream));
        return stream.ToArray();
    }

    private static byte[] Number(int value)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}

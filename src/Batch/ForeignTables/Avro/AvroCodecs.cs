using System.Buffers.Binary;
using System.IO.Hashing;
using Avro.File;
using Snappier;
using ZstdSharp;

namespace Lambda.Batch.ForeignTables.Avro;

/// <summary>Compressions of Avro files beyond those that the library knows.</summary>
internal static class AvroCodecs
{
    /// <summary>The codec of a name; null when it is none of these.</summary>
    public static Codec? Find(string name) => name switch
    {
        "zstandard" => new ReadOnlyCodec(name, Zstandard),
        "snappy" => new ReadOnlyCodec(name, SnappyWithChecksum),
        _ => null,
    };

    private static byte[] Zstandard(ReadOnlySpan<byte> block)
    {
        using Decompressor decompressor = new();
        return decompressor.Unwrap(block).ToArray();
    }

    private static byte[] SnappyWithChecksum(ReadOnlySpan<byte> block)
    {
        byte[] content = Snappy.DecompressToArray(block[..^sizeof(uint)]);
        return BinaryPrimitives.ReadUInt32BigEndian(block[^sizeof(uint)..]) == Crc32.HashToUInt32(content)
            ? content
            : throw new InvalidDataException("The checksum of a block does not match its bytes.");
    }

    private delegate byte[] Decompression(ReadOnlySpan<byte> block);

    private sealed class ReadOnlyCodec(string name, Decompression decompress) : Codec
    {
        public override byte[] Decompress(byte[] compressedData, int blockLength) => decompress(compressedData.AsSpan(0, blockLength));

        public override byte[] Compress(byte[] uncompressedData) => throw new NotSupportedException();

        public override void Compress(MemoryStream inputStream, MemoryStream outputStream) => throw new NotSupportedException();

        public override string GetName() => name;

        public override bool Equals(object? other) => other is ReadOnlyCodec codec && codec.GetName() == name;

        public override int GetHashCode() => name.GetHashCode(StringComparison.Ordinal);
    }
}

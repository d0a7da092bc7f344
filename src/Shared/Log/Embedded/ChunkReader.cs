using System.Buffers.Binary;

namespace Lambda.Log.Embedded;

/// <summary>Walks over the records of a stored chunk in place.</summary>
internal ref struct ChunkReader
{
    private readonly ReadOnlySpan<byte> _chunk;
    private int _at;

    private ChunkReader(ReadOnlySpan<byte> chunk)
    {
        _chunk = chunk;
        _at = ChunkBuilder.HeaderLength;
        Count = BinaryPrimitives.ReadInt32LittleEndian(chunk[1..]);
        AppendedAt = BinaryPrimitives.ReadInt64LittleEndian(chunk[5..]);
    }

    public int Count { get; }

    public long AppendedAt { get; }

    public ReadOnlySpan<byte> Key { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>False when the bytes are no chunk of a format this version knows.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> chunk, out ChunkReader reader)
    {
        if (chunk.Length < ChunkBuilder.HeaderLength || chunk[0] != ChunkBuilder.Format)
        {
            reader = default;
            return false;
        }

        reader = new ChunkReader(chunk);
        return reader.Count > 0;
    }

    /// <summary>Moves to the next record; false when the chunk ends in the middle of one.</summary>
    public bool MoveNext()
    {
        if (!Leb128.TryRead(_chunk, ref _at, out int keyLength)
            || !Leb128.TryRead(_chunk, ref _at, out int valueLength)
            || (long)keyLength + valueLength > _chunk.Length - _at)
        {
            return false;
        }

        Key = _chunk.Slice(_at, keyLength);
        Value = _chunk.Slice(_at + keyLength, valueLength);
        _at += keyLength + valueLength;
        return true;
    }
}

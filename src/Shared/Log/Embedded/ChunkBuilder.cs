using System.Buffers.Binary;

namespace Lambda.Log.Embedded;

/// <summary>
/// Collects the records of one partition in one group commit. A chunk is: format (1 byte), number of records (4, little-endian), append time
/// in UTC microseconds (8, little-endian), then per record the lengths of key and value as LEB128, the key, the value.
/// </summary>
internal sealed class ChunkBuilder
{
    public const int HeaderLength = 13;
    public const byte Format = 1;
    private const int LongestLengths = 10;

    private byte[] _bytes = new byte[1 << 10];

    public int Count { get; private set; }

    public int Length { get; private set; } = HeaderLength;

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        int needed = Length + LongestLengths + key.Length + value.Length;
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(needed, (int)Math.Min(_bytes.Length * 2L, Array.MaxLength)));
        }

        Span<byte> free = _bytes.AsSpan(Length);
        int at = Leb128.Write(free, (uint)key.Length);
        at += Leb128.Write(free[at..], (uint)value.Length);
        key.CopyTo(free[at..]);
        value.CopyTo(free[(at + key.Length)..]);
        Length += at + key.Length + value.Length;
        Count++;
    }

    /// <summary>The finished chunk; valid until the next <see cref="Add"/>.</summary>
    public ReadOnlySpan<byte> Finish(long appendedAt)
    {
        _bytes[0] = Format;
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(1), Count);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(5), appendedAt);
        return _bytes.AsSpan(0, Length);
    }

    public void Clear()
    {
        Count = 0;
        Length = HeaderLength;
    }
}

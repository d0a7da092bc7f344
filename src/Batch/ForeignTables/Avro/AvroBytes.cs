using System.Buffers.Binary;
using System.Text;

namespace Lambda.Batch.ForeignTables.Avro;

/// <summary>Values in Avro's binary form. No length that they tell is believed beyond the bytes that are there.</summary>
internal ref struct AvroBytes(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>How many bytes have not been read.</summary>
    public readonly int Left => _rest.Length;

    public bool Boolean() => Take(1)[0] switch
    {
        0 => false,
        1 => true,
        var other => throw new FormatException($"a boolean is {other}"),
    };

    /// <summary>An integer of either size: seven bits a byte, the sign in the lowest bit.</summary>
    public long Long()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }

        throw new FormatException("an integer has more than 64 bits");
    }

    public int Int() => Long() is >= int.MinValue and <= int.MaxValue and var value ? (int)value : throw new FormatException("an integer has more than 32 bits");

    public float Float() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    public ReadOnlySpan<byte> Bytes() => Take(Long());

    public string Text()
    {
        try
        {
            return Strict.GetString(Bytes());
        }
        catch (DecoderFallbackException error)
        {
            throw new FormatException("a text is not UTF-8", error);
        }
    }

    /// <summary>A number of bytes.</summary>
    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw new FormatException($"{count} bytes are said to follow, where {_rest.Length} are left");
        }

        ReadOnlySpan<byte> taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    /// <summary>The number of elements of the next block of an array or map; 0 behind the last one. A negative number is followed by the block's length in bytes.</summary>
    public long Count()
    {
        long count = Long();
        if (count >= 0)
        {
            return count;
        }

        Long();
        return count > long.MinValue ? -count : throw new FormatException("an array has more elements than can be");
    }

    /// <summary>The number of an option among several.</summary>
    public int Option(int options) => Long() is >= 0 and var option && option < options ? (int)option : throw new FormatException("a value has a type that its schema does not tell");
}

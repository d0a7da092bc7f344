using Text = System.Text.Encoding;

namespace Lambda.Aggregation.Encoding;

/// <summary>Puts together the bytes of a state.</summary>
internal sealed class ByteWriter
{
    private byte[] _bytes = new byte[64];
    private int _length;

    /// <summary>Starts an encoding, whose first byte is the version of its format.</summary>
    public ByteWriter(byte version)
    {
        _bytes[0] = version;
        _length = 1;
    }

    /// <summary>How many bytes were written, that of the version included.</summary>
    public int Length => _length;

    /// <summary>Room for so many bytes, which count as written.</summary>
    public Span<byte> Take(int count)
    {
        if (_length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(checked(_length + count), _bytes.Length * 2));
        }

        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }

    /// <summary>Writes an integer in groups of seven bits, the lowest first (LEB128).</summary>
    public void WriteUnsigned(ulong value)
    {
        while (value >= 0x80)
        {
            Take(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }

        Take(1)[0] = (byte)value;
    }

    /// <summary>Writes an integer so that small ones of both signs are short: 0, −1, 1, −2 become 0, 1, 2, 3.</summary>
    public void WriteSigned(long value) => WriteUnsigned((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Writes the length of a text in bytes, and the text as UTF-8.</summary>
    public void WriteText(string value)
    {
        int count = Text.UTF8.GetByteCount(value);
        WriteUnsigned((ulong)count);
        Text.UTF8.GetBytes(value, Take(count));
    }

    /// <summary>What was written.</summary>
    public byte[] ToArray() => _bytes.AsSpan(0, _length).ToArray();
}

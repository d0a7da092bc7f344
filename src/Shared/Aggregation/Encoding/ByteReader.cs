using Text = System.Text.Encoding;

namespace Lambda.Aggregation.Encoding;

/// <summary>Takes apart the bytes of a state. What is no encoding throws <see cref="FormatException"/>.</summary>
internal ref struct ByteReader
{
    private readonly string _what;
    private ReadOnlySpan<byte> _rest;

    /// <summary>Begins behind the version byte.</summary>
    /// <param name="bytes">The whole encoding.</param>
    /// <param name="version">The version that this build reads.</param>
    /// <param name="what">What the bytes should be, for messages.</param>
    public ByteReader(ReadOnlySpan<byte> bytes, byte version, string what)
    {
        _what = what;
        _rest = bytes;
        byte stored = Take(1)[0];
        if (stored != version)
        {
            throw Malformed($"version {stored} is unknown; this build reads version {version}");
        }
    }

    /// <summary>Whether everything was read.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>The next bytes.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_rest.Length)
        {
            throw Malformed("it ends too early");
        }

        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>Reads what <see cref="ByteWriter.WriteUnsigned"/> wrote.</summary>
    public ulong ReadUnsigned()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Take(1)[0];
            ulong bits = next & 0x7FUL;
            if (shift == 63 && bits > 1)
            {
                break;
            }

            value |= bits << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Malformed("an integer is longer than 64 bits");
    }

    /// <summary>Reads what <see cref="ByteWriter.WriteSigned"/> wrote.</summary>
    public long ReadSigned()
    {
        ulong value = ReadUnsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>Reads a number of things that each take at least one byte of what follows.</summary>
    public int ReadCount()
    {
        ulong count = ReadUnsigned();
        return count <= (ulong)_rest.Length ? (int)count : throw Malformed($"{count} values do not fit into {_rest.Length} bytes");
    }

    /// <summary>Reads what <see cref="ByteWriter.WriteText"/> wrote.</summary>
    public string ReadText() => Text.UTF8.GetString(Take(ReadCount()));

    /// <summary>Refuses bytes behind the end.</summary>
    public readonly void End()
    {
        if (!IsAtEnd)
        {
            throw Malformed($"{_rest.Length} bytes are left over");
        }
    }

    /// <summary>What to throw.</summary>
    public readonly FormatException Malformed(string why) => new($"Not {_what}: {why}.");
}

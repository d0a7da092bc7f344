namespace Lambda.Batch.Scan.Pages;

/// <summary>
/// Reads structs in Thrift's compact protocol, as footers and page headers of Parquet files are written in. Trusts nothing: what ends early or has no sense
/// is an <see cref="InvalidDataException"/>.
/// </summary>
internal ref struct CompactReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>Deeper structs than any file needs would only be there to exhaust the stack.</summary>
    private const int MostLevels = 32;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>How many bytes were read.</summary>
    public int Position { get; private set; }

    /// <summary>Goes to the next field of a struct.</summary>
    /// <param name="field">The field before it; 0 at first.</param>
    /// <returns>False when the struct ends.</returns>
    public bool NextField(ref CompactField field)
    {
        byte head = ReadByte();
        CompactType type = (CompactType)(head & 0x0F);
        if (type == CompactType.Stop)
        {
            return false;
        }

        int step = head >> 4;
        long id = step == 0 ? ReadInteger() : field.Id + step;
        field = id is > 0 and <= short.MaxValue ? new CompactField((int)id, type) : throw new InvalidDataException("a field has an impossible number");
        return true;
    }

    /// <summary>A whole number of any width.</summary>
    public long ReadInteger()
    {
        ulong value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A whole number that must fit 32 bits.</summary>
    public int ReadInt32() => ReadInteger() is >= int.MinValue and <= int.MaxValue and var value
        ? (int)value
        : throw new InvalidDataException("a number is too large");

    /// <summary>The number of elements of a list, and what they are.</summary>
    public int ReadList(out CompactType elements)
    {
        byte head = ReadByte();
        elements = (CompactType)(head & 0x0F);
        ulong count = (uint)head >> 4;
        if (count == 15)
        {
            count = ReadVarint();
        }

        // Every element takes a byte at least.
        return count <= (ulong)(_bytes.Length - Position) ? (int)count : throw new InvalidDataException("a list ends early");
    }

    /// <summary>Passes over the value of a field.</summary>
    public void Skip(CompactType type) => Skip(type, MostLevels);

    private void Skip(CompactType type, int levels)
    {
        if (levels == 0)
        {
            throw new InvalidDataException("structs are nested too deeply");
        }

        switch (type)
        {
            case CompactType.True or CompactType.False:
                break;
            case CompactType.Byte:
                Advance(1);
                break;
            case CompactType.Int16 or CompactType.Int32 or CompactType.Int64:
                ReadVarint();
                break;
            case CompactType.Double:
                Advance(sizeof(double));
                break;
            case CompactType.Binary:
                Advance(ReadVarint());
                break;
            case CompactType.List or CompactType.Set:
                int count = ReadList(out CompactType elements);
                for (int i = 0; i < count; i++)
                {
                    SkipElement(elements, levels - 1);
                }

                break;
            case CompactType.Map:
                SkipMap(levels);
                break;
            case CompactType.Struct:
                CompactField field = default;
                while (NextField(ref field))
                {
                    Skip(field.Type, levels - 1);
                }

                break;
            default:
                throw new InvalidDataException("a field has an impossible type");
        }
    }

    private void SkipMap(int levels)
    {
        ulong count = ReadVarint();
        if (count == 0)
        {
            return;
        }

        byte types = ReadByte();
        for (ulong i = 0; i < count; i++)
        {
            SkipElement((CompactType)(types >> 4), levels - 1);
            SkipElement((CompactType)(types & 0x0F), levels - 1);
        }
    }

    /// <summary>In a list a truth is a byte of its own; as a field it is in the field's type.</summary>
    private void SkipElement(CompactType type, int levels)
    {
        if (type is CompactType.True or CompactType.False)
        {
            Advance(1);
        }
        else
        {
            Skip(type, levels);
        }
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number is too long");
    }

    private byte ReadByte() => Position < _bytes.Length ? _bytes[Position++] : throw new InvalidDataException("a struct ends early");

    private void Advance(ulong count)
    {
        if (count > (ulong)(_bytes.Length - Position))
        {
            throw new InvalidDataException("a struct ends early");
        }

        Position += (int)count;
    }
}

/// <summary>A field of a struct.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Type">What it is.</param>
internal readonly record struct CompactField(int Id, CompactType Type);

/// <summary>The types of the compact protocol, by their codes.</summary>
internal enum CompactType
{
    Stop = 0,
    True = 1,
    False = 2,
    Byte = 3,
    Int16 = 4,
    Int32 = 5,
    Int64 = 6,
    Double = 7,
    Binary = 8,
    List = 9,
    Set = 10,
    Map = 11,
    Struct = 12,
}

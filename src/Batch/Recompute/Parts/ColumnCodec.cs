using System.Buffers.Binary;
using Lambda.Aggregation.Encoding;
using Lambda.Events;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>
/// Rows of a column as bytes: integers and instants by their distance from the one before, each text once. What is read is what was written, bit for bit.
/// </summary>
internal static class ColumnCodec
{
    /// <summary>Writes some rows of a column.</summary>
    public static void Write(ByteWriter writer, ColumnBuffer column, int first, int end)
    {
        bool[] nulls = [.. Enumerable.Range(first, end - first).Select(column.IsNull)];
        bool hasNulls = nulls.Contains(true);
        writer.Take(1)[0] = hasNulls ? (byte)1 : (byte)0;
        if (hasNulls)
        {
            WriteBits(writer, nulls);
        }

        switch (column)
        {
            case ColumnBuffer<bool> values:
                WriteBits(writer, values.Values[first..end]);
                break;
            case ColumnBuffer<int> values:
                int before = 0;
                Each(values, value =>
                {
                    writer.WriteSigned((long)value - before);
                    before = value;
                });
                break;
            case ColumnBuffer<long> values:
                long last = 0;
                Each(values, value =>
                {
                    writer.WriteSigned(unchecked(value - last));
                    last = value;
                });
                break;
            case ColumnBuffer<Int128> values:
                Each(values, value => WriteWide(writer, value));
                break;
            case ColumnBuffer<double> values:
                Each(values, value => BinaryPrimitives.WriteDoubleLittleEndian(writer.Take(sizeof(double)), value));
                break;
            case ColumnBuffer<decimal> values:
                Each(values, value => WriteDecimal(writer, value));
                break;
            case ColumnBuffer<string> values:
                Dictionary<string, ulong> known = new(StringComparer.Ordinal);
                Each(values, value => WriteText(writer, value, known));
                break;
            case ColumnBuffer<byte[]> values:
                Each(values, value =>
                {
                    writer.WriteUnsigned((ulong)value.Length);
                    value.CopyTo(writer.Take(value.Length));
                });
                break;
            default:
                throw new NotSupportedException($"Columns of type {column.Type} cannot be written.");
        }

        void Each<T>(ColumnBuffer<T> values, Action<T> write)
        {
            for (int row = first; row < end; row++)
            {
                if (!nulls[row - first])
                {
                    write(values[row]);
                }
            }
        }
    }

    /// <summary>Adds rows to a column of the type that was written.</summary>
    /// <exception cref="FormatException">The bytes are no such rows.</exception>
    public static void Read(ref ByteReader reader, ColumnBuffer column, int count)
    {
        bool[]? nulls = reader.Take(1)[0] == 0 ? null : ReadBits(ref reader, count);
        bool[] bits = column is ColumnBuffer<bool> ? ReadBits(ref reader, count) : [];
        List<string> texts = [];
        long last = 0;
        for (int row = 0; row < count; row++)
        {
            if (nulls is not null && nulls[row])
            {
                column.AddNull();
                continue;
            }

            switch (column)
            {
                case ColumnBuffer<bool> values:
                    values.Add(bits[row]);
                    break;
                case ColumnBuffer<int> values:
                    last += reader.ReadSigned();
                    values.Add(last is >= int.MinValue and <= int.MaxValue ? (int)last : throw reader.Malformed($"{last} is no 32-bit integer"));
                    break;
                case ColumnBuffer<long> values:
                    last = unchecked(last + reader.ReadSigned());
                    values.Add(last);
                    break;
                case ColumnBuffer<Int128> values:
                    values.Add(ReadWide(ref reader));
                    break;
                case ColumnBuffer<double> values:
                    values.Add(BinaryPrimitives.ReadDoubleLittleEndian(reader.Take(sizeof(double))));
                    break;
                case ColumnBuffer<decimal> values:
                    values.Add(ReadDecimal(ref reader));
                    break;
                case ColumnBuffer<string> values:
                    values.Add(ReadText(ref reader, texts));
                    break;
                case ColumnBuffer<byte[]> values:
                    values.Add(reader.Take(reader.ReadCount()).ToArray());
                    break;
                default:
                    throw new NotSupportedException($"Columns of type {column.Type} cannot be read.");
            }
        }
    }

    private static void WriteBits(ByteWriter writer, ReadOnlySpan<bool> bits)
    {
        Span<byte> bytes = writer.Take((bits.Length + 7) / 8);
        bytes.Clear();
        for (int i = 0; i < bits.Length; i++)
        {
            bytes[i / 8] |= (byte)(bits[i] ? 1 << (i % 8) : 0);
        }
    }

    private static bool[] ReadBits(ref ByteReader reader, int count)
    {
        ReadOnlySpan<byte> bytes = reader.Take((count + 7) / 8);
        bool[] bits = new bool[count];
        for (int i = 0; i < count; i++)
        {
            bits[i] = (bytes[i / 8] >> (i % 8) & 1) != 0;
        }

        return bits;
    }

    /// <summary>The sign goes into the lowest bit, so that small numbers have a high half of zero.</summary>
    private static void WriteWide(ByteWriter writer, Int128 value)
    {
        UInt128 bits = (UInt128)((value << 1) ^ (value >> 127));
        writer.WriteUnsigned((ulong)(bits >> 64));
        writer.WriteUnsigned((ulong)bits);
    }

    private static Int128 ReadWide(ref ByteReader reader)
    {
        UInt128 bits = new(reader.ReadUnsigned(), reader.ReadUnsigned());
        return (Int128)(bits >> 1) ^ -(Int128)(bits & 1);
    }

    private static void WriteDecimal(ByteWriter writer, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        writer.Take(1)[0] = (byte)((parts[3] >> 16) | (parts[3] < 0 ? 0x80 : 0));
        foreach (int part in parts[..3])
        {
            writer.WriteUnsigned((uint)part);
        }
    }

    private static decimal ReadDecimal(ref ByteReader reader)
    {
        byte head = reader.Take(1)[0];
        ulong low = reader.ReadUnsigned();
        ulong middle = reader.ReadUnsigned();
        ulong high = reader.ReadUnsigned();
        int scale = head & 0x7F;
        return scale <= 28 && (low | middle | high) <= uint.MaxValue
            ? new decimal((int)low, (int)middle, (int)high, head >= 0x80, (byte)scale)
            : throw reader.Malformed("a decimal has too many digits");
    }

    /// <summary>
    /// The number of a text that was there before, or zero and the text. States of users' own aggregates may hold halves of surrogate pairs, which UTF-8 cannot;
    /// so texts with any surrogates stand as UTF-16.
    /// </summary>
    private static void WriteText(ByteWriter writer, string value, Dictionary<string, ulong> known)
    {
        if (known.TryGetValue(value, out ulong number))
        {
            writer.WriteUnsigned(number);
            return;
        }

        known.Add(value, (ulong)known.Count + 1);
        writer.WriteUnsigned(0);
        bool isWide = value.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');
        writer.Take(1)[0] = isWide ? (byte)1 : (byte)0;
        if (!isWide)
        {
            writer.WriteText(value);
            return;
        }

        writer.WriteUnsigned((ulong)value.Length * sizeof(char));
        foreach (char unit in value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(writer.Take(sizeof(char)), unit);
        }
    }

    private static string ReadText(ref ByteReader reader, List<string> known)
    {
        ulong number = reader.ReadUnsigned();
        if (number > 0)
        {
            return number <= (ulong)known.Count ? known[(int)number - 1] : throw reader.Malformed($"there is no text {number}");
        }

        string text = reader.Take(1)[0] == 0 ? reader.ReadText() : ReadWideText(ref reader);
        known.Add(text);
        return text;
    }

    private static string ReadWideText(ref ByteReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.Take(reader.ReadCount());
        char[] units = new char[bytes.Length / sizeof(char)];
        for (int i = 0; i < units.Length; i++)
        {
            units[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * sizeof(char))..]);
        }

        return new string(units);
    }
}

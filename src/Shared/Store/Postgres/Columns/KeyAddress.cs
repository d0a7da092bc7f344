using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Lambda.Events;

namespace Lambda.Store.Postgres.Columns;

/// <summary>
/// A key as a short sequence of bytes, equal when and only when all parts are: nulls equal one another, doubles are equal by their bits, decimals by their
/// value. No index of PostgreSQL says that of the columns themselves, nor takes a row of more than 2.7 kB. A long key is represented by its SHA-256, of
/// which nobody can make two keys share one.
/// </summary>
internal sealed class KeyAddress
{
    private const int Longest = 64;

    // No encoding begins with this: each begins with the mark of its first part.
    private const byte HashMark = 0xFF;
    private const byte NullMark = 0;
    private const byte ValueMark = 1;

    private byte[] _bytes = new byte[256];
    private int _length;

    /// <summary>The address of the key in a row of columns.</summary>
    public byte[] Of(IReadOnlyList<ColumnBuffer> keys, int row)
    {
        _length = 0;
        foreach (ColumnBuffer key in keys)
        {
            if (key.IsNull(row))
            {
                Room(1)[0] = NullMark;
                continue;
            }

            Room(1)[0] = ValueMark;
            switch (key)
            {
                case ColumnBuffer<bool> typed: Room(1)[0] = typed[row] ? (byte)1 : (byte)0; break;
                case ColumnBuffer<int> typed: BinaryPrimitives.WriteInt32BigEndian(Room(4), typed[row]); break;
                case ColumnBuffer<long> typed: BinaryPrimitives.WriteInt64BigEndian(Room(8), typed[row]); break;
                case ColumnBuffer<Int128> typed: BinaryPrimitives.WriteInt128BigEndian(Room(16), typed[row]); break;
                case ColumnBuffer<double> typed: BinaryPrimitives.WriteDoubleBigEndian(Room(8), typed[row]); break;
                case ColumnBuffer<decimal> typed: Add(typed[row]); break;
                case ColumnBuffer<string> typed: Add(typed[row]); break;
                case ColumnBuffer<byte[]> typed: Add(typed[row]); break;
                default: throw new ArgumentOutOfRangeException(nameof(keys), key.Type, "Unknown column type.");
            }
        }

        ReadOnlySpan<byte> encoding = _bytes.AsSpan(0, _length);
        return _length <= Longest ? encoding.ToArray() : [HashMark, .. SHA256.HashData(encoding)];
    }

    private void Add(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(CanonicalDecimal.Of(value), parts);
        foreach (int part in parts)
        {
            BinaryPrimitives.WriteInt32BigEndian(Room(4), part);
        }
    }

    private void Add(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        BinaryPrimitives.WriteInt32BigEndian(Room(4), length);
        Encoding.UTF8.GetBytes(text, Room(length));
    }

    private void Add(byte[] bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(Room(4), bytes.Length);
        bytes.CopyTo(Room(bytes.Length));
    }

    private Span<byte> Room(int count)
    {
        if (_bytes.Length - _length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        }

        _length += count;
        return _bytes.AsSpan(_length - count, count);
    }
}

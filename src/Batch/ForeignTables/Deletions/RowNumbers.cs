using System.Buffers.Binary;
using System.Numerics;

namespace Lambda.Batch.ForeignTables.Deletions;

/// <summary>
/// Numbers of rows in the portable form of 64-bit Roaring bitmaps, which Delta Lake and Iceberg share: a 32-bit bitmap for each value of the upper half of the number.
/// </summary>
internal sealed class RowNumbers
{
    private const int Magic = 1681511377;
    private const int CookieWithoutRuns = 12346;
    private const int CookieWithRuns = 12347;

    /// <summary>From this number of containers on, bitmaps with runs tell where each container begins.</summary>
    private const int LeastContainersWithOffsets = 4;
    private const int LargestArray = 4096;
    private const int BitmapBytes = 8192;

    private readonly List<long> _numbers;

    private RowNumbers(List<long> numbers) => _numbers = numbers;

    /// <summary>The numbers, rising.</summary>
    public IReadOnlyList<long> All => _numbers;

    /// <summary>Reads a vector: four bytes that tell its form, and the bitmaps.</summary>
    /// <param name="vector">The bytes.</param>
    /// <param name="count">How many numbers it should have.</param>
    /// <exception cref="FormatException">It is something else, or has another number of them.</exception>
    public static RowNumbers Read(ReadOnlySpan<byte> vector, long count)
    {
        Cursor cursor = new(vector);
        if (cursor.Int32() is var magic && magic != Magic)
        {
            throw new FormatException($"it begins with the number {magic} instead of {Magic}");
        }

        List<long> numbers = [];
        long bitmaps = cursor.Int64();
        for (long i = 0; i < bitmaps; i++)
        {
            long high = (long)cursor.UInt32() << 32;
            if (high < 0)
            {
                throw new FormatException("it has a row number of more than 63 bits");
            }

            ReadBitmap(ref cursor, high, numbers, count);
        }

        if (!cursor.IsAtEnd)
        {
            throw new FormatException("there is something behind its end");
        }

        return numbers.Count == count ? new RowNumbers(numbers) : throw new FormatException($"it has {numbers.Count} rows where its entry says {count}");
    }

    private static void ReadBitmap(ref Cursor cursor, long high, List<long> numbers, long count)
    {
        uint cookie = cursor.UInt32();
        bool hasRuns = (cookie & 0xFFFF) == CookieWithRuns;
        int containers = hasRuns ? (int)(cookie >> 16) + 1
            : cookie == CookieWithoutRuns ? checked((int)cursor.UInt32())
            : throw new FormatException($"a bitmap in it begins with the number {cookie}, which none does");
        ReadOnlySpan<byte> runs = hasRuns ? cursor.Take((containers + 7) / 8) : default;
        ReadOnlySpan<byte> heads = cursor.Take(checked(containers * 4));
        if (!hasRuns || containers >= LeastContainersWithOffsets)
        {
            // Containers lie one behind the other, so where each begins is known without being told.
            cursor.Take(checked(containers * 4));
        }

        for (int i = 0; i < containers; i++)
        {
            long first = high | (long)BinaryPrimitives.ReadUInt16LittleEndian(heads[(4 * i)..]) << 16;
            int cardinality = BinaryPrimitives.ReadUInt16LittleEndian(heads[((4 * i) + 2)..]) + 1;
            if (hasRuns && (runs[i / 8] >> (i % 8) & 1) != 0)
            {
                ReadRuns(ref cursor, first, numbers, count);
            }
            else if (cardinality <= LargestArray)
            {
                for (int n = 0; n < cardinality; n++)
                {
                    numbers.Add(first | cursor.UInt16());
                }
            }
            else
            {
                ReadBits(cursor.Take(BitmapBytes), first, numbers);
            }

            RequireNoMore(numbers, count);
        }
    }

    /// <summary>A few damaged bytes can stand for very many rows.</summary>
    private static void RequireNoMore(List<long> numbers, long count)
    {
        if (numbers.Count > count)
        {
            throw new FormatException($"it has more rows than the {count} of its entry");
        }
    }

    private static void ReadRuns(ref Cursor cursor, long first, List<long> numbers, long count)
    {
        int runs = cursor.UInt16();
        for (int run = 0; run < runs; run++)
        {
            int start = cursor.UInt16();
            int length = cursor.UInt16();
            if (start + length > ushort.MaxValue)
            {
                throw new FormatException("a run in it leads out of its container");
            }

            for (int n = 0; n <= length; n++)
            {
                numbers.Add(first | (uint)(start + n));
            }

            RequireNoMore(numbers, count);
        }
    }

    private static void ReadBits(ReadOnlySpan<byte> bits, long first, List<long> numbers)
    {
        for (int word = 0; word < BitmapBytes / 8; word++)
        {
            for (ulong left = BinaryPrimitives.ReadUInt64LittleEndian(bits[(8 * word)..]); left != 0; left &= left - 1)
            {
                numbers.Add(first | (uint)((64 * word) + BitOperations.TrailingZeroCount(left)));
            }
        }
    }

    private ref struct Cursor(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public readonly bool IsAtEnd => _rest.IsEmpty;

        public ReadOnlySpan<byte> Take(int length)
        {
            if (length < 0 || length > _rest.Length)
            {
                throw new FormatException("it ends too early");
            }

            ReadOnlySpan<byte> taken = _rest[..length];
            _rest = _rest[length..];
            return taken;
        }

        public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

        public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

        public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

        public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));
    }
}

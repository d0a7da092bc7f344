using System.Buffers;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lambda.Events;
using Lambda.Store;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute.Contents;

/// <summary>Hashes whole rows of partials, of 128 bits (XXH3): the kind, the address, the number of events and all states, bit for bit.</summary>
internal static class RowHashes
{
    /// <summary>So few rows are laid out beside one another before they are hashed that they stay in the processor's cache.</summary>
    private const int RowsAtOnce = 256;

    /// <summary>Hashes all rows. Live sessions have no part in it: in a generation they are the sessions themselves.</summary>
    /// <param name="kind">What became of the events.</param>
    /// <param name="partials">The rows.</param>
    /// <param name="hashes">Takes a hash for each.</param>
    public static void Compute(PartialKind kind, PartialBatch partials, Span<UInt128> hashes)
    {
        ColumnBuffer[] columns =
        [
            .. partials.Keys.Select(Canonical), partials.Starts, partials.Ends, partials.Missed, partials.EventCounts,
            .. partials.Positions is { } positions ? (ColumnBuffer[])[positions.Partitions, positions.Offsets] : [],
            .. partials.States,
        ];
        int stride = 1 + columns.Sum(column => 1 + WidthOf(column.Type));
        byte[] rented = ArrayPool<byte>.Shared.Rent(stride * RowsAtOnce);
        try
        {
            for (int first = 0; first < partials.Count; first += RowsAtOnce)
            {
                Span<byte> rows = rented.AsSpan(0, stride * Math.Min(RowsAtOnce, partials.Count - first));
                for (int at = 0; at < rows.Length; at += stride)
                {
                    rows[at] = (byte)kind;
                }

                int place = 1;
                foreach (ColumnBuffer column in columns)
                {
                    Lay(column, first, new Target(rows, stride, place));
                    place += 1 + WidthOf(column.Type);
                }

                for (int row = 0; row * stride < rows.Length; row++)
                {
                    hashes[first + row] = XxHash128.HashToUInt128(rows.Slice(row * stride, stride));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Equal decimals are one key, and stores need not give back the zeros that one was written with.</summary>
    private static ColumnBuffer Canonical(ColumnBuffer key)
    {
        if (key is not ColumnBuffer<decimal> decimals)
        {
            return key;
        }

        ColumnBuffer<decimal> canonical = new(ColumnType.Decimal);
        for (int row = 0; row < decimals.Count; row++)
        {
            if (decimals.IsNull(row))
            {
                canonical.AddNull();
            }
            else
            {
                canonical.Add(CanonicalDecimal.Of(decimals[row]));
            }
        }

        return canonical;
    }

    /// <summary>What is of no fixed length is laid out as its own hash.</summary>
    private static int WidthOf(ColumnType type) => type switch
    {
        ColumnType.Boolean => 1,
        ColumnType.Int32 => 4,
        ColumnType.Int64 or ColumnType.Timestamp or ColumnType.Double => 8,
        ColumnType.Int128 or ColumnType.Decimal or ColumnType.String or ColumnType.Bytes => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown column type."),
    };

    private static void Lay(ColumnBuffer column, int first, Target target)
    {
        switch (column)
        {
            case ColumnBuffer<bool> typed:
                Lay(typed, first, target);
                break;
            case ColumnBuffer<int> typed:
                Lay(typed, first, target);
                break;
            case ColumnBuffer<long> typed:
                Lay(typed, first, target);
                break;
            case ColumnBuffer<Int128> typed:
                Lay(typed, first, target);
                break;
            case ColumnBuffer<double> typed:
                Lay(typed, first, target);
                break;
            case ColumnBuffer<decimal> typed:
                Lay(typed, first, target);
                break;
            case ColumnBuffer<string> typed:
                LayHashes(typed, first, target, text => MemoryMarshal.AsBytes(text.AsSpan()));
                break;
            case ColumnBuffer<byte[]> typed:
                LayHashes(typed, first, target, bytes => bytes);
                break;
            default:
                throw new InvalidOperationException($"A column of {column.Type} cannot be hashed.");
        }
    }

    private static void Lay<T>(ColumnBuffer<T> column, int first, Target target)
        where T : unmanaged
    {
        ReadOnlySpan<T> values = column.Values.Slice(first, target.Count);
        ReadOnlySpan<bool> nulls = column.Nulls.Slice(first, target.Count);
        ref byte start = ref target.PlaceOf(Unsafe.SizeOf<T>());
        nint at = 0;
        for (int row = 0; row < values.Length; row++, at += target.Stride)
        {
            Unsafe.Add(ref start, at) = nulls[row] ? (byte)1 : (byte)0;
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, at + 1), values[row]);
        }
    }

    private static void LayHashes<T>(ColumnBuffer<T> column, int first, Target target, Func<T, ReadOnlySpan<byte>> contentOf)
    {
        ReadOnlySpan<T> values = column.Values.Slice(first, target.Count);
        ReadOnlySpan<bool> nulls = column.Nulls.Slice(first, target.Count);
        ref byte start = ref target.PlaceOf(Unsafe.SizeOf<UInt128>());
        nint at = 0;
        for (int row = 0; row < values.Length; row++, at += target.Stride)
        {
            Unsafe.Add(ref start, at) = nulls[row] ? (byte)1 : (byte)0;
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, at + 1), nulls[row] ? UInt128.Zero : XxHash128.HashToUInt128(contentOf(values[row])));
        }
    }

    /// <summary>Where the values of a column go: at one place of each row, a byte before each that says whether it is null.</summary>
    private readonly ref struct Target(Span<byte> rows, int stride, int place)
    {
        private readonly Span<byte> _rows = rows;

        public int Stride => stride;

        /// <summary>How many rows there are.</summary>
        public int Count => _rows.Length / stride;

        /// <summary>The place in the first row; as far behind it as there are rows, values of so many bytes have room.</summary>
        public ref byte PlaceOf(int bytes)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(place + 1 + bytes, stride, nameof(bytes));
            return ref _rows[place];
        }
    }
}

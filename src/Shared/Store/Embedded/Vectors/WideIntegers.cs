using DuckDB.NET.Native;
using Lambda.Events;

namespace Lambda.Store.Embedded.Vectors;

/// <summary>
/// Integers of 128 bits as two columns of 64, value = 2^64 high + low, where both have a sign, so that the high ones of small numbers are all zero. DuckDB
/// takes three times as long for a column of 128 bits as for one of 64.
/// </summary>
internal static class WideIntegers
{
    private const int LowBits = 64;

    /// <summary>The writers for the two columns.</summary>
    public static IEnumerable<VectorWriter> Writers(ColumnBuffer<Int128> column) => [new HalfVectorWriter<LowHalf>(column), new HalfVectorWriter<HighHalf>(column)];

    /// <summary>The readers for the two columns.</summary>
    public static IEnumerable<VectorReader> Readers(ColumnBuffer<Int128> column)
    {
        LowVectorReader low = new();
        return [low, new HighVectorReader(column, low)];
    }

    /// <summary>The integer of two halves.</summary>
    public static Int128 Join(long high, long low) => ((Int128)high << LowBits) + low;

    internal readonly struct LowHalf : IHalf
    {
        public static long Of(Int128 value) => (long)value;
    }

    internal readonly struct HighHalf : IHalf
    {
        public static long Of(Int128 value) => (long)((value - (long)value) >> LowBits);
    }
}

/// <summary>One of the two columns.</summary>
internal interface IHalf
{
    /// <summary>What it holds of an integer.</summary>
    static abstract long Of(Int128 value);
}

/// <summary>Writes one half of each integer of a column.</summary>
internal sealed unsafe class HalfVectorWriter<THalf>(ColumnBuffer<Int128> column) : VectorWriter(DuckDBType.BigInt)
    where THalf : struct, IHalf
{
    public override void Write(IntPtr vector, int first, int count)
    {
        ReadOnlySpan<Int128> values = column.Values.Slice(first, count);
        Span<long> halves = new(NativeMethods.Vectors.DuckDBVectorGetData(vector), count);
        for (int i = 0; i < count; i++)
        {
            halves[i] = THalf.Of(values[i]);
        }

        WriteNulls(vector, column, first, count);
    }
}

/// <summary>Reads the low halves of a chunk, which wait for the high ones.</summary>
internal sealed unsafe class LowVectorReader : VectorReader
{
    private long[] _halves = [];

    /// <summary>The low half in a row of the chunk that was read last.</summary>
    public long this[int row] => _halves[row];

    public override void Read(IntPtr vector, int count)
    {
        if (_halves.Length < count)
        {
            _halves = new long[count];
        }

        new ReadOnlySpan<long>(NativeMethods.Vectors.DuckDBVectorGetData(vector), count).CopyTo(_halves);
    }
}

/// <summary>Reads the high halves of a chunk, after the low ones, and adds the integers.</summary>
internal sealed unsafe class HighVectorReader(ColumnBuffer<Int128> column, LowVectorReader low) : VectorReader
{
    public override void Read(IntPtr vector, int count)
    {
        ReadOnlySpan<long> high = new(NativeMethods.Vectors.DuckDBVectorGetData(vector), count);
        ulong* validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        for (int i = 0; i < count; i++)
        {
            if (IsNull(validity, i))
            {
                column.AddNull();
            }
            else
            {
                column.Add(WideIntegers.Join(high[i], low[i]));
            }
        }
    }
}

using System.Numerics;

namespace Lambda.Aggregation.Numerics;

/// <summary>The number, the exact sum and the exact sum of squares of 64-bit integers. A copy is independent of the original.</summary>
internal struct IntegerMoments
{
    public long Count;
    public Int128 Sum;

    /// <summary>The sum of squares modulo 2^128; <see cref="SquaresHigh"/> counts how often that overflowed. 2^64 squares of 2^126 fit into both.</summary>
    public UInt128 SquaresLow;
    public ulong SquaresHigh;

    /// <summary>Adds a value.</summary>
    public void Add(long value)
    {
        Count++;
        Sum += value;
        ulong magnitude = value < 0 ? (ulong)-value : (ulong)value;
        ulong high = Math.BigMul(magnitude, magnitude, out ulong low);
        AddSquares(new UInt128(high, low), 0);
    }

    /// <summary>Adds the values of another.</summary>
    public void Merge(in IntegerMoments other)
    {
        Count += other.Count;
        Sum += other.Sum;
        AddSquares(other.SquaresLow, other.SquaresHigh);
    }

    /// <summary>The exact sum of squares.</summary>
    public readonly BigInteger Squares => ((BigInteger)SquaresHigh << 128) + SquaresLow;

    private void AddSquares(UInt128 low, ulong high)
    {
        UInt128 sum = SquaresLow + low;
        SquaresHigh += high + (sum < low ? 1UL : 0UL);
        SquaresLow = sum;
    }
}

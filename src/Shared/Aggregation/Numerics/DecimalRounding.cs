using System.Numerics;

namespace Lambda.Aggregation.Numerics;

/// <summary>Rounds exact quotients to <see cref="decimal"/>.</summary>
internal static class DecimalRounding
{
    private const int MaxScale = 28;
    private const int CoefficientBits = 96;
    private static readonly BigInteger MaxCoefficient = (BigInteger.One << CoefficientBits) - 1;

    /// <summary>
    /// Rounds units · 10^-28 / divisor once, ties to even, at the largest scale whose coefficient still fits into 96 bits, and removes
    /// trailing zeros. False when the value does not fit at scale 0 either.
    /// </summary>
    /// <param name="units">The dividend in units of 10^-28.</param>
    /// <param name="divisor">Positive.</param>
    /// <param name="value">The rounded quotient; never a negative zero.</param>
    internal static bool TryRound(BigInteger units, long divisor, out decimal value)
    {
        var magnitude = BigInteger.Abs(units);
        for (int dropped = LeastDropped(magnitude / divisor); dropped <= MaxScale; dropped++)
        {
            BigInteger coefficient = DivideToEven(magnitude, divisor * BigInteger.Pow(10, dropped));
            if (coefficient <= MaxCoefficient)
            {
                value = ToDecimal((UInt128)coefficient, units.Sign < 0, MaxScale - dropped);
                return true;
            }
        }

        value = 0;
        return false;
    }

    /// <summary>A lower bound, at most two too low, on the decimal digits to drop until a number fits into 96 bits.</summary>
    private static int LeastDropped(BigInteger magnitude)
    {
        long excessBits = magnitude.GetBitLength() - CoefficientBits - 1;
        return excessBits <= 0 ? 0 : (int)(excessBits * 0.30102);
    }

    private static BigInteger DivideToEven(BigInteger dividend, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out BigInteger remainder);
        int half = (remainder << 1).CompareTo(divisor);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static decimal ToDecimal(UInt128 coefficient, bool negative, int scale)
    {
        if (coefficient == 0)
        {
            return 0;
        }

        while (scale > 0 && coefficient % 10 == 0)
        {
            coefficient /= 10;
            scale--;
        }

        return new decimal((int)(uint)coefficient, (int)(uint)(coefficient >> 32), (int)(uint)(coefficient >> 64), negative, (byte)scale);
    }
}

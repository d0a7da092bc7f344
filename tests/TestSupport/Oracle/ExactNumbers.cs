using System.Numerics;

namespace Lambda.TestSupport.Oracle;

/// <summary>Sums and quotients by integers of any size, rounded once. Slow and plain on purpose.</summary>
public static class ExactNumbers
{
    private const int DoubleBits = 53;
    private const int DoubleScale = 1074;
    private const int DecimalScale = 28;
    private static readonly BigInteger MaxCoefficient = (BigInteger.One << 96) - 1;

    /// <summary>A finite double in units of 2^-1074.</summary>
    public static BigInteger Units(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> 52) & 0x7FF;
        BigInteger fraction = bits & ((1L << 52) - 1);
        BigInteger magnitude = exponent == 0 ? fraction : (fraction + (BigInteger.One << 52)) << (exponent - 1);
        return bits < 0 ? -magnitude : magnitude;
    }

    /// <summary>A decimal in units of 10^-28.</summary>
    public static BigInteger Units(decimal value)
    {
        int[] bits = decimal.GetBits(value);
        BigInteger coefficient = ((BigInteger)(uint)bits[2] << 64) | ((BigInteger)(uint)bits[1] << 32) | (uint)bits[0];
        int scale = (bits[3] >> 16) & 0xFF;
        return (bits[3] < 0 ? -coefficient : coefficient) * BigInteger.Pow(10, DecimalScale - scale);
    }

    /// <summary>The double nearest to <paramref name="units"/> · 2^-1074 / <paramref name="divisor"/>, ties to even; infinite beyond the largest.</summary>
    public static double NearestDouble(BigInteger units, BigInteger divisor)
    {
        BigInteger magnitude = BigInteger.Abs(units);
        int dropped = Math.Max(0, (int)((magnitude / divisor).GetBitLength() - DoubleBits));
        BigInteger mantissa = DivideToEven(magnitude, divisor << dropped);
        if (mantissa.GetBitLength() > DoubleBits)
        {
            mantissa >>= 1;
            dropped++;
        }

        // A mantissa with its top bit set carries exponent field dropped + 1, one without is subnormal.
        long bits = dropped + 1 >= 0x7FF ? BitConverter.DoubleToInt64Bits(double.PositiveInfinity)
            : (long)mantissa + ((long)dropped << 52);
        double value = BitConverter.Int64BitsToDouble(bits);
        return units.Sign < 0 ? -value : value;
    }

    /// <summary>The double nearest to an integer, ties to even.</summary>
    public static double NearestDouble(BigInteger value) => NearestDouble(value << DoubleScale, BigInteger.One);

    /// <summary>
    /// <paramref name="units"/> · 10^-28 / <paramref name="divisor"/> as a decimal of as many places as it can hold, ties to even, without
    /// trailing zeros; null when it is too large.
    /// </summary>
    public static decimal? NearestDecimal(BigInteger units, BigInteger divisor)
    {
        for (int scale = DecimalScale; scale >= 0; scale--)
        {
            BigInteger coefficient = DivideToEven(BigInteger.Abs(units), divisor * BigInteger.Pow(10, DecimalScale - scale));
            if (coefficient <= MaxCoefficient)
            {
                return Shortest(coefficient, scale, units.Sign < 0);
            }
        }

        return null;
    }

    /// <summary>The same number without trailing zeros, and 0 for −0.</summary>
    public static decimal Shortest(decimal value) => NearestDecimal(Units(value), BigInteger.One)!.Value;

    private static decimal Shortest(BigInteger coefficient, int scale, bool negative)
    {
        while (scale > 0 && coefficient % 10 == 0)
        {
            coefficient /= 10;
            scale--;
        }

        byte[] bytes = new byte[13];
        coefficient.TryWriteBytes(bytes, out _);
        return new decimal(
            BitConverter.ToInt32(bytes), BitConverter.ToInt32(bytes, 4), BitConverter.ToInt32(bytes, 8), negative && !coefficient.IsZero, (byte)scale);
    }

    private static BigInteger DivideToEven(BigInteger dividend, BigInteger divisor)
    {
        BigInteger quotient = BigInteger.DivRem(dividend, divisor, out BigInteger remainder);
        int half = (remainder * 2).CompareTo(divisor);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}

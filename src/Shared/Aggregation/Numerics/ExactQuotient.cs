using System.Numerics;

namespace Lambda.Aggregation.Numerics;

/// <summary>Rounds quotients of integers of any size to doubles.</summary>
internal static class ExactQuotient
{
    /// <summary>Bits that the integer quotient keeps at least: those of a double, one to round by, and one that says whether anything follows.</summary>
    private const int KeptBits = 64;

    /// <summary>The quotient rounded once to the nearest double, ties to even. The divisor is positive, the dividend not negative.</summary>
    /// <param name="dividend">What is divided, in units of 2^<paramref name="exponent"/>.</param>
    /// <param name="divisor">What it is divided by.</param>
    /// <param name="exponent">The power of two that the quotient is multiplied by.</param>
    public static double ToDouble(BigInteger dividend, BigInteger divisor, int exponent)
    {
        if (dividend.IsZero)
        {
            return 0;
        }

        int shift = KeptBits + 1 - (int)(dividend.GetBitLength() - divisor.GetBitLength());
        var quotient = BigInteger.DivRem(shift >= 0 ? dividend << shift : dividend, shift >= 0 ? divisor : divisor << -shift, out BigInteger remainder);

        // The quotient has 65 or 66 bits; its lowest one is made to say whether a rest was cut off, which is all that rounding asks of it.
        quotient = remainder.IsZero ? quotient : quotient | 1;
        return Round((UInt128)quotient, exponent - shift);
    }

    private static double Round(UInt128 magnitude, int exponent)
    {
        // FixedPoint counts from the smallest double up.
        const int SmallestExponent = -1074;
        Span<uint> digits = [(uint)magnitude, (uint)(magnitude >> 32), (uint)(magnitude >> 64)];
        return FixedPoint.ToDouble(digits, exponent - SmallestExponent, FixedPoint.Rest.None, negative: false);
    }
}

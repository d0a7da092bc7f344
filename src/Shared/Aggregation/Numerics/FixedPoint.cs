using System.Numerics;

namespace Lambda.Aggregation.Numerics;

/// <summary>Arithmetic on little-endian 32-bit digits of a fixed-point number in units of 2^-1074, the smallest double.</summary>
internal static class FixedPoint
{
    private const int DigitBits = 32;
    private const int MantissaBits = 52;

    /// <summary>Position of the lowest mantissa bit of the largest doubles: 971 + 1074.</summary>
    private const int MaxPosition = 2045;

    /// <summary>What lies below the lowest digit.</summary>
    internal enum Rest
    {
        None,
        Some,
    }

    /// <summary>Turns two's complement digits into their absolute value in place, and tells whether they were negative.</summary>
    internal static bool MakeMagnitude(Span<uint> digits)
    {
        if (digits.IsEmpty || (int)digits[^1] >= 0)
        {
            return false;
        }

        ulong carry = 1;
        for (int i = 0; i < digits.Length; i++)
        {
            carry += ~digits[i];
            digits[i] = (uint)carry;
            carry >>= DigitBits;
        }

        return true;
    }

    /// <summary>Divides the magnitude in place, rounding down.</summary>
    internal static Rest Divide(Span<uint> magnitude, ulong divisor)
    {
        ulong remainder = 0;
        for (int i = magnitude.Length - 1; i >= 0; i--)
        {
            UInt128 dividend = ((UInt128)remainder << DigitBits) | magnitude[i];
            UInt128 quotient = dividend / divisor;
            magnitude[i] = (uint)quotient;
            remainder = (ulong)(dividend - (quotient * divisor));
        }

        return remainder == 0 ? Rest.None : Rest.Some;
    }

    /// <summary>Rounds to the nearest double, ties to even.</summary>
    /// <param name="magnitude">The digits of the absolute value.</param>
    /// <param name="basePosition">Weight of the lowest digit's lowest bit, as a power of two in units of 2^-1074; may be negative.</param>
    /// <param name="rest">Whether a fraction of the lowest digit's lowest bit was cut off; if so, the digits must hold at least 54 bits, or
    /// reach below position 0.</param>
    /// <param name="negative">The sign.</param>
    internal static double ToDouble(ReadOnlySpan<uint> magnitude, int basePosition, Rest rest, bool negative)
    {
        int top = magnitude.LastIndexOfAnyExcept(0u);
        if (top < 0)
        {
            return 0;
        }

        int highestBit = (top * DigitBits) + BitOperations.Log2(magnitude[top]);

        // Subnormals have fewer bits, because no double reaches below position 0.
        int position = Math.Max(basePosition + highestBit - MantissaBits, 0);
        if (position > MaxPosition)
        {
            return negative ? double.NegativeInfinity : double.PositiveInfinity;
        }

        int lowestBit = position - basePosition;
        ulong mantissa = TakeBits(magnitude, lowestBit);
        if (IsRoundedUp(magnitude, lowestBit, rest, mantissa))
        {
            mantissa++;
        }

        // The implicit bit of the mantissa, and a carry out of it, add themselves to the exponent; past the largest they make infinity.
        ulong bits = ((ulong)position << MantissaBits) + mantissa;
        double value = BitConverter.UInt64BitsToDouble(bits);
        return negative ? -value : value;
    }

    private static bool IsRoundedUp(ReadOnlySpan<uint> magnitude, int lowestBit, Rest rest, ulong mantissa)
    {
        int half = lowestBit - 1;
        if ((TakeBits(magnitude, half) & 1) == 0)
        {
            return false;
        }

        int digit = half / DigitBits;
        uint below = magnitude[digit] & ((1u << (half % DigitBits)) - 1);
        return below != 0 || magnitude[..digit].ContainsAnyExcept(0u) || rest == Rest.Some || (mantissa & 1) != 0;
    }

    /// <summary>The 64 bits from a position up; bits outside the digits are zero.</summary>
    private static ulong TakeBits(ReadOnlySpan<uint> digits, int lowestBit)
    {
        int digit = lowestBit >> 5;
        int shift = lowestBit & (DigitBits - 1);
        UInt128 window = DigitAt(digits, digit) | ((UInt128)DigitAt(digits, digit + 1) << DigitBits)
            | ((UInt128)DigitAt(digits, digit + 2) << (2 * DigitBits));
        return (ulong)(window >> shift);
    }

    private static uint DigitAt(ReadOnlySpan<uint> digits, int index) => (uint)index < (uint)digits.Length ? digits[index] : 0;
}

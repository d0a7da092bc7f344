using System.Buffers.Text;

namespace Lambda.Events.Json.Scanning;

/// <summary>Reads JSON numbers into doubles and decimals.</summary>
internal static class NumberScan
{
    /// <summary>Integers up to this are doubles, and powers of ten up to the 22nd are too: their quotient is rounded once, hence right.</summary>
    private const ulong MaxExactDouble = 1UL << 53;
    private const int MaxDecimalScale = 28;

    private static readonly double[] ExactPowersOfTen =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

    /// <summary>Reads a number; what stands behind it is not looked at.</summary>
    /// <param name="json">The record.</param>
    /// <param name="position">Where the value begins, below the record's length; moved behind it when it is read.</param>
    /// <param name="value">The double next to the number.</param>
    /// <returns>False when there is none, or one that no finite double is next to.</returns>
    public static bool TryRead(RecordBytes json, ref int position, out double value)
    {
        if (!TryReadToken(json, position, out Token token))
        {
            value = 0;
            return false;
        }

        bool isRead;
        if (token is { HasExponent: false, Digits: <= DigitRun.MaxDigits, Magnitude: <= MaxExactDouble } && token.Scale < ExactPowersOfTen.Length)
        {
            double magnitude = token.Magnitude / ExactPowersOfTen[token.Scale];
            value = token.IsNegative ? -magnitude : magnitude;
            isRead = true;
        }
        else
        {
            ReadOnlySpan<byte> text = json.Slice(position, token.End - position);
            isRead = Utf8Parser.TryParse(text, out value, out int consumed) && consumed == text.Length && double.IsFinite(value);
        }

        position = isRead ? token.End : position;
        return isRead;
    }

    /// <inheritdoc cref="TryRead(RecordBytes, ref int, out double)"/>
    /// <param name="json">The record.</param>
    /// <param name="position">Where the value begins, below the record's length; moved behind it when it is read.</param>
    /// <param name="value">The number, with the scale it was written with.</param>
    /// <returns>False when there is none, or one with an exponent, more than 19 digits or more than 28 behind the point, whose scale and rounding have rules of their own.</returns>
    public static bool TryRead(RecordBytes json, ref int position, out decimal value)
    {
        if (!TryReadToken(json, position, out Token token)
            || token is { HasExponent: true } or { Digits: > DigitRun.MaxDigits } or { Scale: > MaxDecimalScale })
        {
            value = 0;
            return false;
        }

        value = new decimal((int)token.Magnitude, (int)(token.Magnitude >> 32), 0, token.IsNegative, (byte)token.Scale);
        position = token.End;
        return true;
    }

    /// <summary>Reads a number of any kind; what it means is not looked at.</summary>
    public static bool TrySkip(RecordBytes json, ref int position)
    {
        bool isNumber = TryReadToken(json, position, out Token token);
        position = isNumber ? token.End : position;
        return isNumber;
    }

    private static bool TryReadToken(RecordBytes json, int position, out Token token)
    {
        token = default;
        token.IsNegative = json[position] == '-';
        int start = token.IsNegative ? position + 1 : position;
        int end = start;
        token.Digits = DigitRun.Read(json, ref end, ref token.Magnitude);
        if (token.Digits == 0 || (token.Digits > 1 && json[start] == '0'))
        {
            return false;
        }

        if (end < json.Length && json[end] == '.')
        {
            end++;
            token.Scale = DigitRun.Read(json, ref end, ref token.Magnitude);
            token.Digits += token.Scale;
            if (token.Scale == 0)
            {
                return false;
            }
        }

        if (end < json.Length && (json[end] | 0x20) == 'e')
        {
            end++;
            end += end < json.Length && json[end] is (byte)'+' or (byte)'-' ? 1 : 0;
            ulong exponent = 0;
            token.HasExponent = true;
            if (DigitRun.Read(json, ref end, ref exponent) == 0)
            {
                return false;
            }
        }

        token.End = end;
        return true;
    }

    private struct Token
    {
        public int End;
        public bool IsNegative;
        public bool HasExponent;

        /// <summary>The digits before the exponent, without the point; right as long as there are at most <see cref="DigitRun.MaxDigits"/>.</summary>
        public ulong Magnitude;
        public int Digits;

        /// <summary>How many digits stand behind the point.</summary>
        public int Scale;
    }
}

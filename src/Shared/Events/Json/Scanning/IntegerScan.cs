using System.Runtime.CompilerServices;

namespace Lambda.Events.Json.Scanning;

/// <summary>Reads JSON numbers without fraction and exponent.</summary>
internal static class IntegerScan
{
    /// <summary>Reads a number of at most 64 bits; what stands behind it is not looked at.</summary>
    /// <param name="json">The record.</param>
    /// <param name="position">Where the value begins, below the record's length; moved behind it when it is read.</param>
    /// <param name="value">The number.</param>
    /// <returns>False when there is none, or one out of range.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(RecordBytes json, ref int position, out long value)
    {
        int sign = json[position] == '-' ? 1 : 0;
        int start = position + sign;
        if (start < json.Length)
        {
            int count = DigitRun.Count(json.Word(start), out ulong digits);
            bool hasLeadingZero = (digits & 0xFF) == 0 && count > 1;
            if (count is > 0 and < 8 && !hasLeadingZero)
            {
                position = start + count;
                value = (DigitRun.Value(digits, count) ^ -(long)sign) + sign;
                return true;
            }

            if (count == 8 && !hasLeadingZero)
            {
                // Copies, as a variable that is passed by reference stays in memory all the time.
                int end = start;
                bool isRead = TryReadLong(json, ref end, sign, out long large);
                position = isRead ? end : position;
                value = large;
                return isRead;
            }
        }

        value = 0;
        return false;
    }

    private static bool TryReadLong(RecordBytes json, ref int position, int sign, out long value)
    {
        ulong magnitude = 0;
        if (DigitRun.Read(json, ref position, ref magnitude) > DigitRun.MaxDigits || magnitude > long.MaxValue + (ulong)sign)
        {
            value = 0;
            return false;
        }

        value = ((long)magnitude ^ -(long)sign) + sign;
        return true;
    }
}

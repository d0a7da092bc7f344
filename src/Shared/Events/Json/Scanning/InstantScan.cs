using System.Runtime.CompilerServices;
using Lambda.Time;

namespace Lambda.Events.Json.Scanning;

/// <summary>Reads instants of the form <c>"2001-02-03T04:05:06Z"</c>, also with a fraction of a second, another offset, or none.</summary>
internal static class InstantScan
{
    private const long DaysToEpoch = 719_162;
    private const long MicrosecondsPerSecond = 1_000_000;

    /// <summary>A byte of the record, less these, is a digit's value, or zero for a separator that is right: <c>YYYY-MM-</c>, <c>DDTHH:MM</c>, <c>:SS</c>.</summary>
    private const ulong DateForm = 0x2D30302D30303030;
    private const ulong TimeForm = 0x30303A3030543030;
    private const ulong SecondForm = 0x30303A;
    private const ulong SecondMask = 0xFFFFFF;

    /// <summary>What carries a digit above nine, or a separator above zero, into the highest bit of its byte.</summary>
    private const ulong DateLimit = 0x7F76767F76767676;
    private const ulong TimeLimit = 0x76767F76767F7676;
    private const ulong SecondLimit = 0x76767F;

    private const int LengthToSeconds = 20;
    private const uint UtcAndQuote = 'Z' | ('"' << 8);

    private static readonly ushort[] DaysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

    private static readonly int[] FractionUnits = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    /// <summary>Reads an instant.</summary>
    /// <param name="json">The record.</param>
    /// <param name="position">Where the value begins, below the record's length; moved behind it when it is read.</param>
    /// <param name="microseconds">The instant in UTC microseconds; parts of one are cut towards the past.</param>
    /// <returns>False when there is none in these forms.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(RecordBytes json, ref int position, out long microseconds)
    {
        microseconds = 0;
        int zone = position + LengthToSeconds;
        if (zone >= json.Length || json[position] != '"')
        {
            return false;
        }

        ulong date = json.WordWithin(position + 1) ^ DateForm;
        ulong time = json.WordWithin(position + 9) ^ TimeForm;
        ulong rest = json.Word(position + 17);
        ulong second = (rest ^ SecondForm) & SecondMask;
        ulong wrong = date | (date + DateLimit) | time | (time + TimeLimit) | second | (second + SecondLimit);
        if ((wrong & 0x8080808080808080) != 0 || !TryCompose(Pairs(date), Pairs(time), (byte)(Pairs(second) >> 8), out microseconds))
        {
            return false;
        }

        if (((rest >> 24) & 0xFFFF) == UtcAndQuote)
        {
            position = zone + 2;
            return true;
        }

        // Copies, as a variable that is passed by reference stays in memory all the time.
        int end = zone;
        long instant = microseconds;
        bool isRead = TryReadZone(json, ref end, ref instant);
        position = isRead ? end : position;
        microseconds = instant;
        return isRead;
    }

    /// <summary>In each byte the number of two digits that begins there.</summary>
    private static ulong Pairs(ulong digits) => (digits * 10) + (digits >> 8);

    private static bool TryCompose(ulong date, ulong time, uint second, out long microseconds)
    {
        uint year = ((byte)date * 100u) + (byte)(date >> 16);
        uint month = (byte)(date >> 40) - 1u;
        uint day = (byte)time - 1u;
        uint hour = (byte)(time >> 24);
        uint minute = (byte)(time >> 48);
        microseconds = 0;
        if (year == 0 || month >= 12 || hour >= 24 || minute >= 60 || second >= 60)
        {
            return false;
        }

        bool isLeap = (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
        int before = DaysBeforeMonth[(int)month];
        int length = DaysBeforeMonth[(int)month + 1] - before + (isLeap && month == 1 ? 1 : 0);
        if (day >= length)
        {
            return false;
        }

        uint years = year - 1;
        long days = (years * 365) + (years / 4) - (years / 100) + (years / 400) + before + (isLeap && month > 1 ? 1 : 0) + day - DaysToEpoch;
        microseconds = ((days * 86_400) + (hour * 3_600) + (minute * 60) + second) * MicrosecondsPerSecond;
        return true;
    }

    /// <summary>Reads what follows on the seconds: a fraction of up to nine digits or none, then Z, an offset or none, then the quote.</summary>
    private static bool TryReadZone(RecordBytes json, ref int position, ref long microseconds)
    {
        if (json[position] == '.' && !TryReadFraction(json, ref position, ref microseconds))
        {
            return false;
        }

        if (position < json.Length && json[position] == 'Z')
        {
            position++;
        }
        else if (position < json.Length && json[position] is (byte)'+' or (byte)'-' && !TryReadOffset(json, ref position, ref microseconds))
        {
            return false;
        }

        return position < json.Length && json[position++] == '"';
    }

    private static bool TryReadFraction(RecordBytes json, ref int position, ref long microseconds)
    {
        const int MaxDigits = 9;
        int start = position + 1;
        int end = start;
        ulong fraction = 0;
        int count = DigitRun.Read(json, ref end, ref fraction);
        if (count is 0 or > MaxDigits)
        {
            return false;
        }

        position = end;
        microseconds += count < FractionUnits.Length
            ? (long)fraction * FractionUnits[count]
            : (long)fraction / (count == MaxDigits ? 1_000 : count == 8 ? 100 : 10);
        return true;
    }

    /// <summary>Reads an offset such as +02:00; years that an offset could lead out of those that can be shown are left to others.</summary>
    private static bool TryReadOffset(RecordBytes json, ref int position, ref long microseconds)
    {
        const ulong Form = 0x30303A30302B;
        const ulong Limit = 0x76767F76767F;
        const ulong Mask = 0xFFFFFFFFFFFF;
        const int Length = 6;
        const uint MaxHours = 13;
        if (json.Length - position < Length)
        {
            return false;
        }

        bool isWest = json[position] == '-';
        ulong offset = (json.Word(position) ^ Form ^ (isWest ? (ulong)('+' ^ '-') : 0)) & Mask;
        ulong pairs = Pairs(offset);
        long hours = (byte)(pairs >> 8);
        long minutes = (byte)(pairs >> 32);
        const long Day = 86_400 * MicrosecondsPerSecond;
        if (((offset | (offset + Limit)) & 0x8080808080808080) != 0 || hours > MaxHours || minutes >= 60
            || microseconds < UtcMicroseconds.MinValue + Day || microseconds > UtcMicroseconds.MaxValue - Day)
        {
            return false;
        }

        position += Length;
        long seconds = (hours * 3_600) + (minutes * 60);
        microseconds += (isWest ? seconds : -seconds) * MicrosecondsPerSecond;
        return true;
    }
}

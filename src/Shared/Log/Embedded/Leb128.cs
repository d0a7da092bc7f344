namespace Lambda.Log.Embedded;

/// <summary>Unsigned numbers in seven-bit groups, lowest first; the high bit says that more follow.</summary>
internal static class Leb128
{
    public static int Write(Span<byte> destination, uint value)
    {
        int at = 0;
        while (value >= 0x80)
        {
            destination[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[at++] = (byte)value;
        return at;
    }

    /// <summary>Reads a number and moves <paramref name="at"/> behind it; false when the bytes end too early or the number has more than 28 bits.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, ref int at, out int value)
    {
        value = 0;
        for (int shift = 0; shift < 28 && (uint)at < (uint)source.Length; shift += 7)
        {
            byte group = source[at++];
            value |= (group & 0x7f) << shift;
            if (group < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}

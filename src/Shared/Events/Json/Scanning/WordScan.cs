using System.Runtime.CompilerServices;

namespace Lambda.Events.Json.Scanning;

/// <summary>Reads the words true, false and null.</summary>
internal static class WordScan
{
    /// <summary>How many bytes null has.</summary>
    public const int NullLength = 4;

    private const uint True = 't' | ('r' << 8) | ('u' << 16) | ('e' << 24);
    private const uint Null = 'n' | ('u' << 8) | ('l' << 16) | ('l' << 24);
    private const ulong False = 'f' | ('a' << 8) | ('l' << 16) | ('s' << 24) | ((ulong)'e' << 32);
    private const ulong FiveBytes = 0xFFFFFFFFFF;

    /// <summary>Reads true or false; what stands behind it is not looked at.</summary>
    /// <param name="json">The record.</param>
    /// <param name="position">Where the value begins, below the record's length; moved behind it when it is read.</param>
    /// <param name="value">Which it is.</param>
    /// <returns>False when there is neither.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadBoolean(RecordBytes json, ref int position, out bool value)
    {
        ulong word = json.Word(position);
        value = (uint)word == True;
        bool isFalse = (word & FiveBytes) == False;
        position += value ? 4 : isFalse ? 5 : 0;
        return value | isFalse;
    }

    /// <summary>Whether null stands at a position below the record's length; what stands behind it is not looked at.</summary>
    public static bool IsNullAt(RecordBytes json, int position) => (uint)json.Word(position) == Null;
}

using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Lambda.Events.Json.Scanning;

/// <summary>Reads JSON strings that need no unescaping.</summary>
internal static class TextScan
{
    private static readonly SearchValues<byte> Ends = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(code => (byte)code), (byte)'"', (byte)'\\']);

    /// <summary>Reads a string.</summary>
    /// <param name="json">The record.</param>
    /// <param name="position">Where the value begins, below the record's length; moved behind it when it is read.</param>
    /// <param name="start">Where its text begins.</param>
    /// <param name="length">How many bytes the text has.</param>
    /// <returns>False when there is none, or one with escapes, control characters or bytes that are not UTF-8.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(RecordBytes json, ref int position, out int start, out int length)
    {
        start = position + 1;
        length = 0;
        if (json[position] != '"' || start >= json.Length)
        {
            return false;
        }

        uint ends = json.EndsOfPlainText(start);
        length = BitOperations.TrailingZeroCount(ends);
        if (ends != 0 && json[start + length] == '"')
        {
            position = start + length + 1;
            return true;
        }

        if (MeasureLong(json, start) is not { } measured)
        {
            return false;
        }

        length = measured;
        position = start + measured + 1;
        return true;
    }

    /// <summary>The length of a text that is longer than a block or not only ASCII; null when it is none, or one that cannot be read.</summary>
    private static int? MeasureLong(RecordBytes json, int start)
    {
        ReadOnlySpan<byte> rest = json.Slice(start, json.Length - start);
        int length = rest.IndexOfAny(Ends);
        return length >= 0 && rest[length] == '"' && Utf8.IsValid(rest[..length]) ? length : null;
    }
}

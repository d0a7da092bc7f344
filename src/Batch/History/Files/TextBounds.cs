using System.Text;
using System.Text.Json;

namespace Lambda.Batch.History.Files;

/// <summary>
/// Bounds of strings by their UTF-8 bytes. Long ones are cut; a cut maximum gets a character that sorts after whatever was cut off.
/// </summary>
internal sealed class TextBounds
{
    private const int MaxRunes = 32;
    private static readonly Rune TieBreaker = new(0xFFFD);
    private static readonly Rune LastRune = new(0x10FFFF);

    private byte[] _min = new byte[64];
    private byte[] _max = new byte[64];
    private int _minLength;
    private int _maxLength;
    private bool _any;

    public bool IsKnown => _any && IsText(Min) && Upper() is not null;

    private ReadOnlySpan<byte> Min => _min.AsSpan(0, _minLength);

    private ReadOnlySpan<byte> Max => _max.AsSpan(0, _maxLength);

    public void Add(ReadOnlySpan<byte> utf8)
    {
        if (!_any || utf8.SequenceCompareTo(Min) < 0)
        {
            Keep(utf8, ref _min, ref _minLength);
        }

        if (!_any || utf8.SequenceCompareTo(Max) > 0)
        {
            Keep(utf8, ref _max, ref _maxLength);
        }

        _any = true;
    }

    public void Clear() => _any = false;

    public void WriteMin(Utf8JsonWriter json) => json.WriteStringValue(Cut(Min, out _));

    public void WriteMax(Utf8JsonWriter json) => json.WriteStringValue(Upper());

    /// <summary>A string that is not below the maximum; null when none is sure to be.</summary>
    private string? Upper()
    {
        string prefix = Cut(Max, out ReadOnlySpan<byte> rest);
        if (rest.IsEmpty)
        {
            return IsText(Max) ? prefix : null;
        }

        // Whole characters were cut off, so the first of them decides which one sorts after them.
        if (!IsText(Max) || Rune.DecodeFromUtf8(rest, out Rune next, out _) != System.Buffers.OperationStatus.Done)
        {
            return null;
        }

        return next < TieBreaker ? prefix + TieBreaker : next < LastRune ? prefix + LastRune : null;
    }

    private static bool IsText(ReadOnlySpan<byte> utf8) => System.Text.Unicode.Utf8.IsValid(utf8);

    private static string Cut(ReadOnlySpan<byte> utf8, out ReadOnlySpan<byte> rest)
    {
        int length = 0;
        for (int runes = 0; runes < MaxRunes && length < utf8.Length; runes++)
        {
            _ = Rune.DecodeFromUtf8(utf8[length..], out _, out int bytes);
            length += bytes;
        }

        rest = utf8[length..];
        return Encoding.UTF8.GetString(utf8[..length]);
    }

    private static void Keep(ReadOnlySpan<byte> utf8, ref byte[] buffer, ref int length)
    {
        if (buffer.Length < utf8.Length)
        {
            buffer = new byte[utf8.Length * 2];
        }

        utf8.CopyTo(buffer);
        length = utf8.Length;
    }
}

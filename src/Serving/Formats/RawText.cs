using System.Text;
using Lambda.Serving.Answers;

namespace Lambda.Serving.Formats;

/// <summary>Shows bytes that may be anything.</summary>
internal static class RawText
{
    private const int PreviewBytes = 200;

    /// <summary>How many bytes of a value <see cref="Preview"/> needs: one more than it shows, which tells that there is more, and whether it begins a character.</summary>
    public const int PreviewRead = PreviewBytes + 1;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>All of the bytes, as text if they are valid UTF-8.</summary>
    public static RawBytes Of(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes)
        ? new RawBytes("utf-8", Strict.GetString(bytes))
        : new RawBytes("base64", Convert.ToBase64String(bytes));

    /// <summary>The beginning of a value; null when that is not text.</summary>
    /// <param name="bytes">The value, or the first <see cref="PreviewRead"/> bytes of it.</param>
    public static string? Preview(ReadOnlySpan<byte> bytes)
    {
        int length = Math.Min(bytes.Length, PreviewBytes);

        // A character, which has four bytes at most, is not cut in two.
        int least = length - 3;
        while (length > least && length < bytes.Length && (bytes[length] & 0b1100_0000) == 0b1000_0000)
        {
            length--;
        }

        return System.Text.Unicode.Utf8.IsValid(bytes[..length]) ? Strict.GetString(bytes[..length]) + (length < bytes.Length ? "…" : "") : null;
    }
}

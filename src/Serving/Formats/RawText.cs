using System.Text;
using Lambda.Serving.Answers;

namespace Lambda.Serving.Formats;

/// <summary>Shows bytes that may be anything.</summary>
internal static class RawText
{
    private const int PreviewBytes = 200;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>All of the bytes, as text if they are valid UTF-8.</summary>
    public static RawBytes Of(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes)
        ? new RawBytes("utf-8", Strict.GetString(bytes))
        : new RawBytes("base64", Convert.ToBase64String(bytes));

    /// <summary>The beginning of the bytes; null when they are not text.</summary>
    public static string? Preview(ReadOnlySpan<byte> bytes)
    {
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return null;
        }

        int length = Math.Min(bytes.Length, PreviewBytes);

        // A character is not cut in two.
        while (length > 0 && length < bytes.Length && (bytes[length] & 0b1100_0000) == 0b1000_0000)
        {
            length--;
        }

        return Strict.GetString(bytes[..length]) + (length < bytes.Length ? "…" : "");
    }
}

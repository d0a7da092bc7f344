using System.Buffers.Binary;

namespace Lambda.Batch.ForeignTables.Delta;

/// <summary>Bytes as text in the alphabet of ZeroMQ's base 85 (RFC 32 of ZeroMQ), five characters for four bytes.</summary>
internal static class Base85
{
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

    /// <exception cref="FormatException">It is no such text.</exception>
    public static byte[] Decode(string text)
    {
        if (text.Length % 5 != 0)
        {
            throw new FormatException($"'{text}' has {text.Length} characters, which is no multiple of 5");
        }

        byte[] bytes = new byte[text.Length / 5 * 4];
        for (int i = 0; i < text.Length / 5; i++)
        {
            ulong value = 0;
            foreach (char c in text.AsSpan(5 * i, 5))
            {
                int digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
                value = digit >= 0 ? (value * 85) + (uint)digit : throw new FormatException($"'{c}' is no digit of base 85");
            }

            BinaryPrimitives.WriteUInt32BigEndian(
                bytes.AsSpan(4 * i), value <= uint.MaxValue ? (uint)value : throw new FormatException($"'{text.AsSpan(5 * i, 5)}' is too large a number"));
        }

        return bytes;
    }
}

using System.Buffers.Binary;

namespace Lambda.Aggregation.Numerics;

/// <summary>
/// The stored form of an <see cref="ExactDoubleSum"/>:
/// <list type="bullet">
/// <item>byte 0: version, 1;</item>
/// <item>byte 1: kind; 0 finite, 1 +∞, 2 -∞, 3 NaN. Only a finite sum other than zero goes on:</item>
/// <item>bytes 2-3: position p, little-endian;</item>
/// <item>the rest: an integer n in two's complement, little-endian. The sum is n · 2^(8p - 1074).</item>
/// </list>
/// The encoding is canonical: n neither starts with a zero byte nor ends with a byte that only repeats the sign.
/// </summary>
internal static class ExactDoubleSumCodec
{
    /// <summary>Longest encoding: the header and every digit that a sum can hold.</summary>
    internal const int MaxLength = HeaderLength + ((ExactDoubleSum.MaxChunks + 1) * DigitBytes);

    private const byte Version = 1;
    private const int KindLength = 2;
    private const int HeaderLength = 4;
    private const int DigitBytes = 4;

    /// <summary>Writes the encoding of two's complement digits from chunk <paramref name="first"/> up, and returns its length.</summary>
    internal static int Write(NonFinite nonFinite, int first, ReadOnlySpan<uint> digits, Span<byte> destination)
    {
        Span<byte> number = stackalloc byte[digits.Length * DigitBytes];
        for (int i = 0; i < digits.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(number[(i * DigitBytes)..], digits[i]);
        }

        int zeros = number.IndexOfAnyExcept((byte)0);
        bool hasNumber = nonFinite == NonFinite.None && zeros >= 0;
        number = hasNumber ? TwosComplement.Trim(number[zeros..]) : [];
        int length = hasNumber ? HeaderLength + number.Length : KindLength;
        if (destination.Length < length)
        {
            throw new ArgumentException(
                $"An encoded sum of {length} bytes does not fit into {destination.Length} bytes.", nameof(destination));
        }

        destination[0] = Version;
        destination[1] = (byte)nonFinite;
        if (hasNumber)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(destination[KindLength..], (ushort)((first * DigitBytes) + zeros));
            number.CopyTo(destination[HeaderLength..]);
        }

        return length;
    }

    /// <summary>Reads two's complement digits from chunk <paramref name="first"/> up, and returns their number.</summary>
    /// <exception cref="FormatException">The bytes are not a canonical encoding.</exception>
    internal static int Read(ReadOnlySpan<byte> encoded, Span<uint> digits, out NonFinite nonFinite, out int first)
    {
        first = 0;
        nonFinite = ReadKind(encoded);
        if (encoded.Length == KindLength)
        {
            return 0;
        }

        if (nonFinite != NonFinite.None || encoded.Length <= HeaderLength)
        {
            throw Malformed($"kind {encoded[1]} does not have {encoded.Length} bytes");
        }

        ReadOnlySpan<byte> number = encoded[HeaderLength..];
        if (number[0] == 0 || TwosComplement.Trim(number).Length != number.Length)
        {
            throw Malformed("the number is not in its shortest form");
        }

        int position = BinaryPrimitives.ReadUInt16LittleEndian(encoded[KindLength..]);
        if (position + number.Length > ExactDoubleSum.MaxChunks * DigitBytes)
        {
            throw Malformed($"{number.Length} bytes at position {position} are beyond every sum of doubles");
        }

        first = position / DigitBytes;
        int skipped = position % DigitBytes;
        int length = (skipped + number.Length + DigitBytes - 1) / DigitBytes;
        Span<byte> padded = stackalloc byte[length * DigitBytes];
        padded.Fill(TwosComplement.SignByte(number));
        padded[..skipped].Clear();
        number.CopyTo(padded[skipped..]);
        for (int i = 0; i < length; i++)
        {
            digits[i] = BinaryPrimitives.ReadUInt32LittleEndian(padded[(i * DigitBytes)..]);
        }

        return length;
    }

    private static NonFinite ReadKind(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length < KindLength)
        {
            throw Malformed($"it has {encoded.Length} bytes, and {KindLength} are the fewest");
        }

        if (encoded[0] != Version)
        {
            throw Malformed($"version {encoded[0]} is unknown; this build reads version {Version}");
        }

        return encoded[1] <= (byte)NonFinite.NaN ? (NonFinite)encoded[1] : throw Malformed($"kind {encoded[1]} is unknown");
    }

    private static FormatException Malformed(string why) => new($"Not an encoded sum of doubles: {why}.");
}

using System.Numerics;
using System.Runtime.InteropServices;

namespace Lambda.Aggregation.Numerics;

/// <content>Reading, encoding and decoding. Nothing here changes the chunks, so that reading can be done through a copy.</content>
internal partial struct ExactDoubleSum
{
    /// <summary>Longest encoding, for callers that bring their own buffer.</summary>
    public const int MaxEncodedLength = ExactDoubleSumCodec.MaxLength;

    /// <summary>The sum rounded once to the nearest double, ties to even; infinite only where the exact sum rounds to it.</summary>
    public readonly double ToDouble()
    {
        if (_nonFinite != NonFinite.None)
        {
            return ToDouble(_nonFinite);
        }

        Span<uint> digits = stackalloc uint[MaxChunks + 1];
        digits = digits[..CopyDigits(digits)];
        bool negative = FixedPoint.MakeMagnitude(digits);
        return FixedPoint.ToDouble(digits, _first * ChunkBits, FixedPoint.Rest.None, negative);
    }

    /// <summary>The exact sum divided by a count, rounded once to the nearest double, ties to even.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is zero or negative.</exception>
    public readonly double DivideToDouble(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (_nonFinite != NonFinite.None)
        {
            return ToDouble(_nonFinite);
        }

        // A count has at most 63 bits and the rounding looks at 54, so four digits below the sum's own keep the quotient long enough.
        const int Below = 4;
        Span<uint> digits = stackalloc uint[Below + MaxChunks + 1];
        digits[..Below].Clear();
        digits = digits[..(Below + CopyDigits(digits[Below..]))];
        bool negative = FixedPoint.MakeMagnitude(digits);
        FixedPoint.Rest rest = FixedPoint.Divide(digits, (ulong)count);
        return FixedPoint.ToDouble(digits, (_first - Below) * ChunkBits, rest, negative);
    }

    /// <summary>The exact sum in units of 2^-1074; false when it is not finite.</summary>
    public readonly bool TryToUnits(out BigInteger units)
    {
        Span<uint> digits = stackalloc uint[MaxChunks + 1];
        digits = digits[..CopyDigits(digits)];
        units = new BigInteger(MemoryMarshal.AsBytes(digits)) << (_first * ChunkBits);
        return _nonFinite == NonFinite.None;
    }

    /// <summary>Length of <see cref="Encode()"/> in bytes.</summary>
    public readonly int EncodedLength
    {
        get
        {
            Span<byte> buffer = stackalloc byte[MaxEncodedLength];
            return Encode(buffer);
        }
    }

    /// <summary>The canonical encoding: equal sums give equal bytes. <see cref="ExactDoubleSumCodec"/> tells the format.</summary>
    public readonly byte[] Encode()
    {
        Span<byte> buffer = stackalloc byte[MaxEncodedLength];
        return buffer[..Encode(buffer)].ToArray();
    }

    /// <summary>Writes the canonical encoding and returns its length.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than <see cref="EncodedLength"/>; <see cref="MaxEncodedLength"/> is
    /// always enough.</exception>
    public readonly int Encode(Span<byte> destination)
    {
        Span<uint> digits = stackalloc uint[MaxChunks + 1];
        return ExactDoubleSumCodec.Write(_nonFinite, _first, digits[..CopyDigits(digits)], destination);
    }

    /// <summary>Reads what <see cref="Encode()"/> wrote.</summary>
    /// <exception cref="FormatException">The bytes are not a canonical encoding of a version that this build reads.</exception>
    public static ExactDoubleSum Decode(ReadOnlySpan<byte> encoded)
    {
        Span<uint> digits = stackalloc uint[MaxChunks];
        int length = ExactDoubleSumCodec.Read(encoded, digits, out NonFinite nonFinite, out int first);
        var sum = new ExactDoubleSum { _nonFinite = nonFinite };
        if (length > 0)
        {
            int start = Math.Min(first, MaxChunks - InitialChunks);
            sum.Hold(start, Math.Max(start + InitialChunks, first + length));
            Span<long> chunks = sum._chunks.AsSpan(first - start);
            for (int i = 0; i < length; i++)
            {
                chunks[i] = digits[i];
            }

            // Only the highest digit carries the sign.
            chunks[length - 1] = (int)digits[length - 1];
            sum._steps = 1;
        }

        return sum;
    }

    private static double ToDouble(NonFinite kind) => kind switch
    {
        NonFinite.Positive => double.PositiveInfinity,
        NonFinite.Negative => double.NegativeInfinity,
        _ => double.NaN,
    };

    /// <summary>Writes the sum as 32-bit two's complement digits from chunk _first up, and returns their number.</summary>
    private readonly int CopyDigits(Span<uint> digits)
    {
        if (_chunks is null)
        {
            return 0;
        }

        long carry = 0;
        for (int i = 0; i < _chunks.Length; i++)
        {
            long chunk = _chunks[i] + carry;
            digits[i] = (uint)chunk;
            carry = chunk >> ChunkBits;
        }

        // |carry| < 2^31 by the bound on the chunks, so one digit holds it with its sign.
        digits[_chunks.Length] = (uint)carry;
        return _chunks.Length + 1;
    }
}

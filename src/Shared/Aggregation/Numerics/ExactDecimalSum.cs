using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Lambda.Aggregation.Numerics;

/// <summary>
/// The exact sum of any number of decimals, rounded only when it is read. Two sums over the same values are equal, whatever the order of
/// the additions and the shape of the merges. <c>default</c> is the empty sum. A copy is independent of the original.
/// </summary>
/// <remarks>
/// A decimal is an integer of 96 bits over a power of ten up to 10^28, so in units of 10^-28 it is an integer below 2^96 · 10^28 &lt;
/// 2^190, and the sum is an integer of 256 bits.
/// </remarks>
internal struct ExactDecimalSum
{
    /// <summary>Longest encoding, for callers that bring their own buffer.</summary>
    public const int MaxEncodedLength = 1 + NumberBytes;

    private const byte Version = 1;
    private const int NumberBytes = 32;
    private const int MaxScale = 28;
    private const int SignFlag = int.MinValue;
    private const int ScaleShift = 16;
    private const int ScaleMask = 0xFF;

    /// <summary>Index s holds 10^(28-s), which brings a decimal of scale s to units of 10^-28.</summary>
    private static readonly UInt128[] Factors =
        [.. Enumerable.Range(0, MaxScale + 1).Select(scale => (UInt128)BigInteger.Pow(10, MaxScale - scale))];

    /// <summary>
    /// Low half of the sum in two's complement, in units of 10^-28. Merged and decoded sums are kept below 2^254, which 2^64 decimals
    /// cannot exceed, and then another 2^64 additions cannot reach 2^255; so <see cref="Add"/> needs no check.
    /// </summary>
    private UInt128 _low;

    /// <summary>High half of the sum, with the sign.</summary>
    private UInt128 _high;

    /// <summary>Adds a value exactly.</summary>
    public void Add(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        _ = decimal.TryGetBits(value, parts, out _);
        ulong valueLow = ((ulong)(uint)parts[1] << 32) | (uint)parts[0];
        ulong valueHigh = (uint)parts[2];
        UInt128 factor = Factors[(parts[3] >> ScaleShift) & ScaleMask];
        ulong factorLow = (ulong)factor;
        ulong factorHigh = (ulong)(factor >> 64);

        // The value has 96 bits and the factor 94, so the cross products have at most 96 bits and their sum does not overflow.
        UInt128 low = Math.BigMul(valueLow, factorLow);
        UInt128 middle = Math.BigMul(valueLow, factorHigh) + Math.BigMul(valueHigh, factorLow);
        UInt128 shifted = middle << 64;
        low += shifted;
        UInt128 high = (valueHigh * factorHigh) + (middle >> 64) + (low < shifted ? UInt128.One : UInt128.Zero);

        UInt128 before = _low;
        if ((parts[3] & SignFlag) == 0)
        {
            _low = before + low;
            _high += high + (_low < before ? UInt128.One : UInt128.Zero);
        }
        else
        {
            _low = before - low;
            _high -= high + (_low > before ? UInt128.One : UInt128.Zero);
        }
    }

    /// <summary>Adds another sum exactly.</summary>
    /// <exception cref="OverflowException">The two sums are together larger than 2^64 additions of the largest decimals can be.</exception>
    public void Merge(in ExactDecimalSum other)
    {
        UInt128 low = _low + other._low;
        UInt128 high = _high + other._high + (low < _low ? UInt128.One : UInt128.Zero);
        if (!IsInRange(_high) || !IsInRange(other._high) || !IsInRange(high))
        {
            throw new OverflowException("The exact sum is larger than 2^64 additions of the largest decimals; split it.");
        }

        _low = low;
        _high = high;
    }

    /// <summary>
    /// The sum as a decimal without trailing zeros, rounded once, ties to even, to the most digits (28 or 29) that a decimal can hold.
    /// </summary>
    /// <exception cref="OverflowException">The sum is beyond <see cref="decimal.MaxValue"/>.</exception>
    public readonly decimal ToDecimal() => DivideToDecimal(1);

    /// <summary>As <see cref="ToDecimal"/>, but tells by false that the sum is beyond <see cref="decimal.MaxValue"/>.</summary>
    public readonly bool TryToDecimal(out decimal value) => DecimalRounding.TryRound(ToBigInteger(), 1, out value);

    /// <summary>The exact sum divided by a count, rounded once in the way of <see cref="ToDecimal"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is zero or negative.</exception>
    /// <exception cref="OverflowException">The quotient is beyond <see cref="decimal.MaxValue"/>.</exception>
    public readonly decimal DivideToDecimal(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return DecimalRounding.TryRound(ToBigInteger(), count, out decimal value) ? value : ThrowTooLarge();
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

    /// <summary>
    /// The canonical encoding, equal for equal sums: a version byte, 1, and the sum in units of 10^-28 as a little-endian two's complement
    /// integer of as few bytes as hold it with its sign; none for zero.
    /// </summary>
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
        Span<byte> number = stackalloc byte[NumberBytes];
        WriteNumber(number);
        number = TwosComplement.Trim(number);
        if (destination.Length < 1 + number.Length)
        {
            throw new ArgumentException(
                $"An encoded sum of {1 + number.Length} bytes does not fit into {destination.Length} bytes.", nameof(destination));
        }

        destination[0] = Version;
        number.CopyTo(destination[1..]);
        return 1 + number.Length;
    }

    /// <summary>Reads what <see cref="Encode()"/> wrote.</summary>
    /// <exception cref="FormatException">The bytes are not a canonical encoding of a version that this build reads.</exception>
    public static ExactDecimalSum Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty)
        {
            throw Malformed("it is empty");
        }

        if (encoded[0] != Version)
        {
            throw Malformed($"version {encoded[0]} is unknown; this build reads version {Version}");
        }

        ReadOnlySpan<byte> number = encoded[1..];
        if (number.Length > NumberBytes)
        {
            throw Malformed($"a number of {number.Length} bytes is longer than the {NumberBytes} of a sum");
        }

        if (TwosComplement.Trim(number).Length != number.Length)
        {
            throw Malformed("the number is not in its shortest form");
        }

        Span<byte> padded = stackalloc byte[NumberBytes];
        padded.Fill(TwosComplement.SignByte(number));
        number.CopyTo(padded);
        var sum = new ExactDecimalSum
        {
            _low = BinaryPrimitives.ReadUInt128LittleEndian(padded),
            _high = BinaryPrimitives.ReadUInt128LittleEndian(padded[(NumberBytes / 2)..]),
        };
        return IsInRange(sum._high) ? sum : throw Malformed("the number is beyond every sum of decimals");
    }

    /// <summary>Whether a number with this high half lies in [-2^254, 2^254): its two highest bits are equal.</summary>
    private static bool IsInRange(UInt128 high) => (long)(ulong)(high >> 64) is >= -(1L << 62) and < 1L << 62;

    private readonly void WriteNumber(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(destination, _low);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[(NumberBytes / 2)..], _high);
    }

    private readonly BigInteger ToBigInteger()
    {
        Span<byte> number = stackalloc byte[NumberBytes];
        WriteNumber(number);
        return new BigInteger(number);
    }

    private static FormatException Malformed(string why) => new($"Not an encoded sum of decimals: {why}.");

    [DoesNotReturn]
    private static decimal ThrowTooLarge() =>
        throw new OverflowException($"The exact sum or average is beyond the largest decimal, {decimal.MaxValue}.");
}

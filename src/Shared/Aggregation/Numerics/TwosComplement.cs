namespace Lambda.Aggregation.Numerics;

/// <summary>Little-endian two's complement integers of any length.</summary>
internal static class TwosComplement
{
    /// <summary>The byte that extends the number upward without changing it. No bytes are zero.</summary>
    internal static byte SignByte(ReadOnlySpan<byte> number) => !number.IsEmpty && (sbyte)number[^1] < 0 ? byte.MaxValue : (byte)0;

    /// <summary>Cuts the high bytes that only repeat the sign. Zero becomes no bytes.</summary>
    internal static Span<byte> Trim(Span<byte> number) => number[..Trim((ReadOnlySpan<byte>)number).Length];

    /// <inheritdoc cref="Trim(Span{byte})"/>
    internal static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> number)
    {
        byte sign = SignByte(number);
        while (!number.IsEmpty && number[^1] == sign && SignByte(number[..^1]) == sign)
        {
            number = number[..^1];
        }

        return number;
    }
}

using System.Numerics;
using ParquetSharp;

namespace Lambda.Batch.Scan;

/// <summary>Turns a value as a file holds it into a value as a batch holds it. A struct, so that the loop over values is compiled for it.</summary>
internal interface IValueConversion<TFrom, TTo>
{
    /// <exception cref="OverflowException">The value lies outside of what the batch can hold.</exception>
    TTo Convert(TFrom value);
}

/// <summary>A value as it is.</summary>
internal readonly struct Unchanged<T> : IValueConversion<T, T>
{
    public T Convert(T value) => value;
}

/// <summary>A number as a wider one.</summary>
internal readonly struct Widening<TFrom, TTo> : IValueConversion<TFrom, TTo>
    where TFrom : INumberBase<TFrom>
    where TTo : INumberBase<TTo>
{
    public TTo Convert(TFrom value) => TTo.CreateChecked(value);
}

/// <summary>An unsigned number that a file holds in the bits of a signed one.</summary>
internal readonly struct UnsignedToInt64 : IValueConversion<int, long>
{
    public long Convert(int value) => (uint)value;
}

/// <summary>A count of days or milliseconds since 1970 as microseconds; the last or first of all when it lies beyond them.</summary>
internal readonly struct CoarseInstant<TFrom>(long microseconds) : IValueConversion<TFrom, long>
    where TFrom : IBinaryInteger<TFrom>
{
    public long Convert(TFrom value)
    {
        long units = long.CreateChecked(value);
        return units > long.MaxValue / microseconds ? long.MaxValue
            : units < long.MinValue / microseconds ? long.MinValue
            : units * microseconds;
    }
}

/// <summary>Nanoseconds since 1970 as microseconds, cut towards the past.</summary>
internal readonly struct NanosecondInstant : IValueConversion<long, long>
{
    public long Convert(long value)
    {
        (long quotient, long remainder) = Math.DivRem(value, 1000);
        return remainder < 0 ? quotient - 1 : quotient;
    }
}

/// <summary>The twelve bytes that older programs write for an instant: nanoseconds of the day, then the Julian day.</summary>
internal readonly struct Int96Instant : IValueConversion<Int96, long>
{
    private const long JulianDayOf1970 = 2_440_588;
    private const long MicrosecondsPerDay = 86_400_000_000;

    public long Convert(Int96 value)
    {
        long nanosecondsOfDay = (uint)value.A | ((long)value.B << 32);
        return ((value.C - JulianDayOf1970) * MicrosecondsPerDay) + (nanosecondsOfDay / 1000);
    }
}

/// <summary>A whole number of units of 10 to the power of minus <c>scale</c>.</summary>
internal readonly struct ScaledDecimal<TFrom> : IValueConversion<TFrom, decimal>
    where TFrom : IBinaryInteger<TFrom>
{
    private readonly decimal _unit;

    public ScaledDecimal(int scale) => _unit = new decimal(1, 0, 0, isNegative: false, (byte)scale);

    public decimal Convert(TFrom value) => decimal.CreateChecked(value) * _unit;
}

/// <summary>The same, in two's complement, most significant byte first.</summary>
internal readonly unsafe struct ScaledDecimalBytes(int length, int scale) : IValueConversion<FixedLenByteArray, decimal>
{
    public decimal Convert(FixedLenByteArray value)
    {
        BigInteger unscaled = new(new ReadOnlySpan<byte>((void*)value.Pointer, length), isUnsigned: false, isBigEndian: true);
        return new ScaledDecimal<BigInteger>(scale).Convert(unscaled);
    }
}

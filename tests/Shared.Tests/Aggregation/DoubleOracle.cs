using System.Numerics;

namespace Lambda.Tests.Aggregation;

/// <summary>Exact arithmetic on doubles by big integers in units of 2^-1074, with rounding by search. Naive on purpose.</summary>
internal static class DoubleOracle
{
    private static readonly BigInteger BeyondMax = BigInteger.One << (1024 + 1074);

    public static BigInteger Units(double value) => Math.Abs(value) switch
    {
        // Products with powers of two that neither overflow nor lose bits, so that the conversion sees an integer.
        < 1e-18 => new BigInteger(value * Math.Pow(2, 500) * Math.Pow(2, 500) * Math.Pow(2, 74)),
        < 1e270 => new BigInteger(value * Math.Pow(2, 112)) << (1074 - 112),
        _ => new BigInteger(value) << 1074,
    };

    public static BigInteger Units(IEnumerable<double> values) =>
        values.Aggregate(BigInteger.Zero, (sum, value) => sum + Units(value));

    /// <summary>The double nearest to units · 2^-1074 / divisor, ties to the even one.</summary>
    public static double Nearest(BigInteger units, BigInteger divisor)
    {
        var magnitude = BigInteger.Abs(units);
        long low = 0;
        long high = BitConverter.DoubleToInt64Bits(double.PositiveInfinity);
        while (high - low > 1)
        {
            long middle = low + ((high - low) / 2);
            if (UnitsOfBits(middle) * divisor <= magnitude)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        int half = (2 * magnitude).CompareTo((UnitsOfBits(low) + UnitsOfBits(high)) * divisor);
        long nearest = half < 0 || (half == 0 && low % 2 == 0) ? low : high;
        double value = BitConverter.Int64BitsToDouble(nearest);
        return units.Sign < 0 ? -value : value;
    }

    private static BigInteger UnitsOfBits(long bits)
    {
        double value = BitConverter.Int64BitsToDouble(bits);
        return double.IsInfinity(value) ? BeyondMax : Units(value);
    }
}

using System.Globalization;
using System.Numerics;

namespace Lambda.Tests.Aggregation;

/// <summary>Exact arithmetic on decimals through their text. Naive on purpose.</summary>
internal static class DecimalOracle
{
    /// <summary>The value in units of 10^-28.</summary>
    public static BigInteger Units(decimal value)
    {
        string text = value.ToString("F28", CultureInfo.InvariantCulture).Replace(".", "", StringComparison.Ordinal);
        return BigInteger.Parse(text, CultureInfo.InvariantCulture);
    }

    public static BigInteger Units(IEnumerable<decimal> values) =>
        values.Aggregate(BigInteger.Zero, (sum, value) => sum + Units(value));

    /// <summary>The decimal with the most places that is nearest to units · 10^-28 / divisor, ties to even; null if none fits.</summary>
    public static decimal? Nearest(BigInteger units, BigInteger divisor)
    {
        for (int places = 28; places >= 0; places--)
        {
            BigInteger denominator = divisor * BigInteger.Pow(10, 28 - places);
            BigInteger below = BigInteger.Abs(units) / denominator;
            BigInteger toBelow = BigInteger.Abs(units) - (below * denominator);
            BigInteger toAbove = denominator - toBelow;
            BigInteger nearest = toBelow < toAbove || (toBelow == toAbove && below % 2 == 0) ? below : below + 1;
            if (nearest < BigInteger.Pow(2, 96))
            {
                string digits = nearest.ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
                decimal value = decimal.Parse($"{digits[..^places]}.{digits[^places..]}", CultureInfo.InvariantCulture);
                return units.Sign < 0 ? -value : value;
            }
        }

        return null;
    }
}

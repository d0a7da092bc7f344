using System.Numerics;

namespace Lambda.Aggregation.Numerics;

/// <summary>What the mean square of the deviations from the mean is divided by.</summary>
internal enum SpreadKind
{
    /// <summary>By the number of values less one: the values are a sample, and the result estimates the spread of what they were drawn from.</summary>
    Sample,

    /// <summary>By the number of values: they are all there are.</summary>
    Population,
}

/// <summary>Variances from exact moments: (n Σx² − (Σx)²) / (n (n − 1)), or / n² of a population, rounded once.</summary>
internal static class Spread
{
    /// <summary>Whether there is no variance: of no value, and of a sample of one.</summary>
    public static bool IsUndefined(SpreadKind kind, long count) => count < (kind == SpreadKind.Sample ? 2 : 1);

    /// <summary>The variance; null where it is undefined.</summary>
    /// <param name="kind">What is divided by.</param>
    /// <param name="count">The number of values.</param>
    /// <param name="sum">Their sum in units of 2^<paramref name="exponent"/>.</param>
    /// <param name="squares">The sum of their squares in units of 2^(2 · <paramref name="exponent"/>).</param>
    /// <param name="exponent">The power of two of the units.</param>
    public static double? Variance(SpreadKind kind, long count, BigInteger sum, BigInteger squares, int exponent)
    {
        if (IsUndefined(kind, count))
        {
            return null;
        }

        // Never negative for exact squares (Cauchy-Schwarz); squares that underflow can be a little too small.
        var dividend = BigInteger.Max((count * squares) - (sum * sum), BigInteger.Zero);
        BigInteger divisor = (BigInteger)count * (kind == SpreadKind.Sample ? count - 1 : count);
        return ExactQuotient.ToDouble(dividend, divisor, 2 * exponent);
    }
}

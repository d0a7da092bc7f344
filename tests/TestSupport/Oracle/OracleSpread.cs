using System.Numerics;

namespace Lambda.TestSupport.Oracle;

/// <summary>Aggregates over numbers, given as the doubles that stand for them or as integers. Nulls are skipped.</summary>
public static class OracleSpread
{
    private const int DoubleScale = 1074;

    /// <summary>The variance of doubles, whose squares must neither overflow nor underflow.</summary>
    /// <param name="values">The doubles.</param>
    /// <param name="freedom">1 for a sample, 0 for a population.</param>
    public static double? Variance(IEnumerable<double?> values, int freedom)
    {
        List<double> all = [.. values.OfType<double>()];
        return all.Count <= freedom ? null
            : all.Exists(value => !double.IsFinite(value)) ? double.NaN
            : Variance([.. all.Select(ExactNumbers.Units)], freedom, DoubleScale);
    }

    /// <summary>The variance of integers.</summary>
    /// <param name="values">The integers.</param>
    /// <param name="freedom">1 for a sample, 0 for a population.</param>
    public static double? Variance(IEnumerable<long?> values, int freedom)
    {
        List<BigInteger> all = [.. values.OfType<long>().Select(value => (BigInteger)value)];
        return all.Count <= freedom ? null : Variance(all, freedom, 0);
    }

    /// <summary>The value of rank ⌊q (n − 1)⌋; null when there is none.</summary>
    public static double? Quantile(IEnumerable<double?> values, double q)
    {
        List<double> sorted = [.. values.OfType<double>().Where(value => !double.IsNaN(value)).Order()];
        return sorted.Count == 0 ? null : sorted[(int)Math.Floor(q * (sorted.Count - 1))];
    }

    /// <summary>Per interval between bounds the count, those outside on either side, then that of NaN.</summary>
    public static IReadOnlyList<object?> Histogram(IEnumerable<double?> values, params double[] bounds)
    {
        List<double> all = [.. values.OfType<double>()];
        double[] edges = [double.NegativeInfinity, .. bounds];
        return
        [
            .. edges.Select((edge, i) => (object?)(long)all.Count(value => value >= edge && (i == bounds.Length || value < bounds[i]))),
            (long)all.Count(double.IsNaN),
        ];
    }

    /// <summary>Of numbers in units of 2^-scale, rounded once: the mean square of the deviations, by deviations from the mean times n.</summary>
    private static double Variance(List<BigInteger> values, int freedom, int scale)
    {
        BigInteger count = values.Count;
        BigInteger sum = values.Aggregate(BigInteger.Zero, (total, next) => total + next);
        BigInteger squares = values.Aggregate(BigInteger.Zero, (total, next) => total + (((count * next) - sum) * ((count * next) - sum)));

        // n² Σ (x − m)² in units of 2^-2·scale, divided by n² (n − freedom), in units of 2^-1074.
        return ExactNumbers.NearestDouble(squares << DoubleScale, count * count * (count - freedom) << (2 * scale));
    }
}

namespace Lambda.Aggregation;

/// <summary>Bounds of histograms with a regular shape, for <see cref="Aggregates{TEvent}.Histogram{TValue}"/>.</summary>
public static class Buckets
{
    /// <summary><paramref name="count"/> intervals of the same width from <paramref name="start"/> on, and one on either side for what lies beyond.</summary>
    /// <param name="start">Where the first begins.</param>
    /// <param name="width">How wide each is.</param>
    /// <param name="count">How many there are.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width or the count is not positive.</exception>
    public static double[] Linear(double start, double width, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        double[] bounds = new double[count + 1];
        for (int i = 0; i < bounds.Length; i++)
        {
            bounds[i] = start + (i * width);
        }

        return bounds;
    }

    /// <summary>
    /// <paramref name="count"/> intervals from <paramref name="start"/> on, each ending at its beginning times <paramref name="factor"/>, and one on
    /// either side for what lies beyond.
    /// </summary>
    /// <param name="start">Where the first begins; positive.</param>
    /// <param name="factor">End by beginning; more than 1.</param>
    /// <param name="count">How many there are.</param>
    /// <exception cref="ArgumentOutOfRangeException">The start or the count is not positive, or the factor is not above 1.</exception>
    public static double[] Exponential(double start, double factor, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(start);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(factor, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        double[] bounds = new double[count + 1];
        bounds[0] = start;
        for (int i = 1; i < bounds.Length; i++)
        {
            bounds[i] = bounds[i - 1] * factor;
        }

        return bounds;
    }
}

namespace Lambda.Aggregation.Numerics;

/// <summary>How many different values a sketch has seen, from what it kept.</summary>
internal static class DistinctEstimate
{
    /// <summary>1 / (2 ln 2), to which the constant of HyperLogLog tends.</summary>
    private const double Alpha = 0.72134752044448170367996234050095;

    /// <summary>Linear counting: the values that were thrown at <paramref name="places"/> places to hit <paramref name="hit"/> of them.</summary>
    public static double FromPlaces(int hit, long places) => -places * double.LogP1(-(double)hit / places);

    /// <summary>Ertl's improved raw estimator (algorithm 6).</summary>
    /// <param name="registers">The greatest rank per register, at most <paramref name="bits"/> + 1.</param>
    /// <param name="bits">How many bits of a hash the rank is taken from.</param>
    public static double FromRegisters(ReadOnlySpan<byte> registers, int bits)
    {
        Span<int> histogram = stackalloc int[bits + 2];
        histogram.Clear();
        foreach (byte rank in registers)
        {
            histogram[Math.Min(rank, bits + 1)]++;
        }

        double count = registers.Length;
        double sum = count * Tau(1 - (histogram[bits + 1] / count));
        for (int rank = bits; rank >= 1; rank--)
        {
            sum = 0.5 * (sum + histogram[rank]);
        }

        sum += count * Sigma(histogram[0] / count);
        return Alpha * count * count / sum;
    }

    private static double Sigma(double x)
    {
        if (x == 1)
        {
            return double.PositiveInfinity;
        }

        double y = 1;
        double z = x;
        double previous;
        do
        {
            x *= x;
            previous = z;
            z += x * y;
            y += y;
        }
        while (z != previous);

        return z;
    }

    private static double Tau(double x)
    {
        if (x is 0 or 1)
        {
            return 0;
        }

        double y = 1;
        double z = 1 - x;
        double previous;
        do
        {
            x = Math.Sqrt(x);
            previous = z;
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
        }
        while (z != previous);

        return z / 3;
    }
}

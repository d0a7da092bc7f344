using Lambda.Aggregation.Numerics;
using Xunit;

namespace Lambda.Tests.Aggregation;

internal static class DoubleSums
{
    public static ExactDoubleSum Sum(params ReadOnlySpan<double> values)
    {
        ExactDoubleSum sum = default;
        foreach (double value in values)
        {
            sum.Add(value);
        }

        return sum;
    }

    public static void AssertBits(double expected, double actual, string context) => Assert.True(
        BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(actual),
        $"{context}: expected {expected:R}, got {actual:R}");
}

using System.Numerics;
using Lambda.Aggregation.Numerics;
using Xunit;
using static Lambda.Tests.Aggregation.DoubleSums;

namespace Lambda.Tests.Aggregation;

public sealed class ExactDoubleSumTests
{
    private const double MaxUlp = 1.99584030953472e+292;

    public static TheoryData<string> Shapes => [.. Generators.Keys];

    private static readonly Dictionary<string, Func<Random, double>> Generators = new()
    {
        ["small integers"] = random => random.Next(-200, 3000),
        ["cents"] = random => random.Next(-100_000, 100_000) / 100.0,
        ["any bits"] = random => AnyFinite(random),
        ["wide exponents"] = random => Math.ScaleB(random.NextDouble() - 0.5, random.Next(-300, 300)),
        ["near overflow"] = random => (random.Next(2) * 2 - 1) * Math.ScaleB(1 + random.NextDouble(), random.Next(1018, 1024)),
        ["subnormals"] = random => (random.Next(2) * 2 - 1) * BitConverter.Int64BitsToDouble(random.NextInt64(1L << random.Next(1, 55))),
        ["chunk borders"] = random => Math.ScaleB(random.Next(2) * 2 - 1, (32 * random.Next(64)) - 1074),
        ["near ties"] = random => Math.ScaleB(random.Next(1, 4), random.Next(3) * 53) * (random.Next(2) * 2 - 1),
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Any_order_and_any_merge_tree_give_the_same_bytes_and_the_exact_result(string shape)
    {
        for (int round = 0; round < 150; round++)
        {
            int seed = Random.Shared.Next();
            var random = new Random(seed);
            double[] values = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => Generators[shape](random))];
            BigInteger units = DoubleOracle.Units(values);

            ExactDoubleSum inOrder = Sum(values);
            ExactDoubleSum shuffled = RandomMerge.Shuffled<ExactDoubleSum, double>(random, values, Add, Merge);
            string context = $"shape {shape}, seed {seed}";

            AssertBits(DoubleOracle.Nearest(units, 1), inOrder.ToDouble(), context);
            AssertBits(DoubleOracle.Nearest(units, 1), shuffled.ToDouble(), context);
            long count = random.Next(2) == 0 ? values.Length : random.NextInt64(1, long.MaxValue);
            AssertBits(DoubleOracle.Nearest(units, count), shuffled.DivideToDouble(count), $"{context}, count {count}");

            byte[] encoded = inOrder.Encode();
            ExactDoubleSum decoded = ExactDoubleSum.Decode(encoded);
            AssertBits(DoubleOracle.Nearest(units, count), decoded.DivideToDouble(count), $"{context}, count {count}, decoded");
            Assert.True(encoded.AsSpan().SequenceEqual(shuffled.Encode()), context);
            Assert.True(encoded.AsSpan().SequenceEqual(decoded.Encode()), context);
            Assert.Equal(encoded.Length, shuffled.EncodedLength);
        }
    }

    [Fact]
    public void A_sum_that_goes_on_after_decoding_is_the_same_as_one_that_never_was_stored()
    {
        for (int round = 0; round < 300; round++)
        {
            int seed = Random.Shared.Next();
            var random = new Random(seed);
            double[] values = [.. Enumerable.Range(0, 20).Select(_ => AnyFinite(random))];
            ExactDoubleSum stored = default;
            foreach (double value in values)
            {
                stored.Add(value);
                stored = ExactDoubleSum.Decode(stored.Encode());
            }

            Assert.True(Sum(values).Encode().AsSpan().SequenceEqual(stored.Encode()), $"seed {seed}");
        }
    }

    [Fact]
    public void Nothing_and_zeros_of_either_sign_are_plus_zero()
    {
        AssertBits(0.0, default(ExactDoubleSum).ToDouble(), "nothing");
        AssertBits(0.0, Sum(-0.0, -0.0).ToDouble(), "negative zeros");
        AssertBits(0.0, Sum(3.5, -3.5).ToDouble(), "cancelled");
        AssertBits(0.0, default(ExactDoubleSum).DivideToDouble(7), "average of nothing");
        Assert.Equal(default(ExactDoubleSum).Encode(), Sum(1e300, -0.0, -1e300).Encode());
    }

    [Theory]
    [InlineData(new[] { 1e308, 1e308, -1e308 }, 1e308)]
    [InlineData(new[] { double.MaxValue, double.MaxValue, -double.MaxValue, -double.MaxValue, double.Epsilon }, double.Epsilon)]
    [InlineData(new[] { double.MaxValue, double.MaxValue }, double.PositiveInfinity)]
    [InlineData(new[] { double.MinValue, double.MinValue }, double.NegativeInfinity)]
    [InlineData(new[] { double.MaxValue, MaxUlp / 2 }, double.PositiveInfinity)]
    [InlineData(new[] { double.MaxValue, MaxUlp / 2, -double.Epsilon }, double.MaxValue)]
    [InlineData(new[] { double.MaxValue, MaxUlp / 4 }, double.MaxValue)]
    [InlineData(new[] { 1e16, 1.0, -1e16 }, 1.0)]
    [InlineData(new[] { 9007199254740992.0, 1.0 }, 9007199254740992.0)]
    [InlineData(new[] { 9007199254740994.0, 1.0 }, 9007199254740996.0)]
    [InlineData(new[] { 9007199254740992.0, 1.0, double.Epsilon }, 9007199254740994.0)]
    [InlineData(new[] { double.Epsilon, double.Epsilon, double.Epsilon }, 1.5E-323)]
    [InlineData(new[] { 2.2250738585072014E-308, -double.Epsilon }, 2.225073858507201E-308)]
    public void Extremes_cancel_and_round_as_the_exact_sum_does(double[] values, double expected) =>
        AssertBits(expected, Sum(values).ToDouble(), "sum");

    [Fact]
    public void An_average_may_lie_in_range_where_the_sum_does_not()
    {
        AssertBits(double.MaxValue, Sum(double.MaxValue, double.MaxValue, double.MaxValue).DivideToDouble(3), "largest");
        AssertBits(double.Epsilon, Sum(double.Epsilon).DivideToDouble(1), "smallest");
        AssertBits(0.0, Sum(double.Epsilon).DivideToDouble(2), "half of the smallest ties to zero");
        AssertBits(double.Epsilon * 2, Sum(3 * double.Epsilon).DivideToDouble(2), "three halves of the smallest tie to two");
        Assert.Throws<ArgumentOutOfRangeException>(() => Sum(1.0).DivideToDouble(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sum(1.0).DivideToDouble(-1));
    }

    [Theory]
    [InlineData(new[] { 1.0, double.PositiveInfinity, -5.0 }, double.PositiveInfinity)]
    [InlineData(new[] { double.NegativeInfinity, double.MaxValue }, double.NegativeInfinity)]
    [InlineData(new[] { double.NegativeInfinity, 1.0, double.PositiveInfinity }, double.NaN)]
    [InlineData(new[] { double.NaN, 1.0 }, double.NaN)]
    [InlineData(new[] { double.NaN, double.PositiveInfinity }, double.NaN)]
    public void Infinities_and_NaN_are_remembered_in_any_order_and_forget_the_finite_part(double[] values, double expected)
    {
        ExactDoubleSum left = Sum(values[0]);
        left.Merge(Sum(values.AsSpan(1)));
        ExactDoubleSum reversed = Sum([.. values.Reverse(), 12.5]);

        AssertBits(expected, left.ToDouble(), "merged");
        AssertBits(expected, left.DivideToDouble(3), "average");
        AssertBits(expected, reversed.ToDouble(), "reversed");
        AssertBits(expected, ExactDoubleSum.Decode(left.Encode()).ToDouble(), "decoded");
        Assert.Equal(left.Encode(), reversed.Encode());
        Assert.Equal(2, left.EncodedLength);
    }

    [Fact]
    public void Every_NaN_becomes_the_same_NaN()
    {
        double payload = BitConverter.Int64BitsToDouble(0x7FF0_0000_0000_1234);
        AssertBits(double.NaN, Sum(payload).ToDouble(), "signalling NaN with payload");
    }

    [Fact]
    public void A_quotient_that_leaves_a_tie_only_far_below_its_last_bit_is_rounded_up()
    {
        // 14596183908992537 · count = 2^116 - 1, so one unit / count is that 54-bit number · 2^-116 and a remainder 116 bits further down.
        const long count = 5_691_676_006_176_836_055;
        double unit = Math.ScaleB(1, (32 * 40) - 1074);
        var sum = ExactDoubleSum.Decode(Sum(unit).Encode());

        AssertBits(Math.ScaleB((14_596_183_908_992_537 + 1) / 2, (32 * 40) - 1074 - 115), sum.DivideToDouble(count), "quotient");
    }

    private static double AnyFinite(Random random)
    {
        double value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
        return double.IsFinite(value) ? value : random.NextDouble();
    }

    private static void Add(ref ExactDoubleSum sum, double value) => sum.Add(value);

    private static void Merge(ref ExactDoubleSum sum, in ExactDoubleSum other) => sum.Merge(other);
}

using System.Globalization;
using System.Numerics;
using Lambda.Aggregation.Numerics;
using Xunit;

namespace Lambda.Tests.Aggregation;

public sealed class ExactDecimalSumTests
{
    private const decimal Smallest = 0.0000000000000000000000000001m;

    public static TheoryData<string> Shapes => [.. Generators.Keys];

    private static readonly Dictionary<string, Func<Random, decimal>> Generators = new()
    {
        ["cents"] = random => random.Next(-1_000_000, 1_000_000) / 100m,
        ["any bits"] = random => Any(random, random.Next(29)),
        ["integers near the limit"] = random => Any(random, 0),
        ["all places"] = random => Any(random, 28),
        ["near ties"] = random => (random.Next(2) * 2 - 1) * (random.Next(2) == 0 ? decimal.MaxValue / 10 : 0.05m * random.Next(4)),
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Any_order_and_any_merge_tree_give_the_same_bytes_and_the_exact_result(string shape)
    {
        for (int round = 0; round < 200; round++)
        {
            int seed = Random.Shared.Next();
            var random = new Random(seed);
            decimal[] values = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => Generators[shape](random))];
            BigInteger units = DecimalOracle.Units(values);

            ExactDecimalSum inOrder = Sum(values);
            ExactDecimalSum shuffled = RandomMerge.Shuffled<ExactDecimalSum, decimal>(random, values, Add, Merge);
            string context = $"shape {shape}, seed {seed}";

            decimal? expected = DecimalOracle.Nearest(units, 1);
            Assert.True(expected.HasValue == shuffled.TryToDecimal(out decimal rounded), context);
            Assert.True((expected ?? 0) == rounded, $"{context}: expected {expected}, got {rounded}");
            long count = random.Next(2) == 0 ? values.Length : random.NextInt64(values.Length, long.MaxValue);
            decimal average = shuffled.DivideToDecimal(count);
            decimal? expectedAverage = DecimalOracle.Nearest(units, count);
            Assert.True(expectedAverage == average, $"{context}, count {count}: expected {expectedAverage}, got {average}");

            byte[] encoded = inOrder.Encode();
            Assert.True(encoded.AsSpan().SequenceEqual(shuffled.Encode()), context);
            Assert.True(encoded.AsSpan().SequenceEqual(ExactDecimalSum.Decode(encoded).Encode()), context);
            Assert.Equal(encoded.Length, shuffled.EncodedLength);
        }
    }

    [Theory]
    [InlineData("1.10", "2.20", "3.3")]
    [InlineData("5.00", "-5", "0")]
    [InlineData("50", "50", "100")]
    [InlineData("79228162514264337593543950335", "0", "79228162514264337593543950335")]
    [InlineData("79228162514264337593543950335", "0.4999", "79228162514264337593543950335")]
    [InlineData("79228162514264337593543950334", "0.5", "79228162514264337593543950334")]
    [InlineData("-79228162514264337593543950335", "-0.4999", "-79228162514264337593543950335")]
    [InlineData("7922816251426433759354395033.4", "0.05", "7922816251426433759354395033.4")]
    [InlineData("7922816251426433759354395033.5", "0.05", "7922816251426433759354395034")]
    public void Sums_are_rounded_to_even_and_lose_their_trailing_zeros(string left, string right, string expected)
    {
        decimal sum = Sum(Parse(left), Parse(right)).ToDecimal();
        Assert.Equal(expected, sum.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_sum_beyond_the_largest_decimal_cannot_be_read_but_comes_back()
    {
        ExactDecimalSum sum = Sum(decimal.MaxValue, 0.5m);
        Assert.Throws<OverflowException>(() => sum.ToDecimal());
        Assert.False(sum.TryToDecimal(out _));

        sum.Add(-0.5m - Smallest);
        Assert.Equal(decimal.MaxValue, sum.ToDecimal());
        Assert.Throws<OverflowException>(() => Sum(decimal.MinValue, decimal.MinValue).ToDecimal());
        Assert.Equal(decimal.MinValue, Sum(decimal.MinValue, decimal.MinValue).DivideToDecimal(2));
    }

    [Fact]
    public void Averages_are_rounded_once_to_even()
    {
        Assert.Equal(0.3333333333333333333333333333m, Sum(1).DivideToDecimal(3));
        Assert.Equal(-66.666666666666666666666666667m, Sum(-200).DivideToDecimal(3));
        Assert.Equal(0m, Sum(Smallest).DivideToDecimal(2));
        Assert.Equal(2 * Smallest, Sum(3 * Smallest).DivideToDecimal(2));
        Assert.False(decimal.IsNegative(Sum(-Smallest).DivideToDecimal(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sum(1).DivideToDecimal(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sum(1).DivideToDecimal(-1));
    }

    [Fact]
    public void Millions_of_the_largest_and_smallest_values_leave_exactly_what_did_not_cancel()
    {
        ExactDecimalSum sum = default;
        for (int i = 0; i < 1_000_000; i++)
        {
            sum.Add(decimal.MaxValue);
            sum.Add(Smallest);
        }

        Assert.Equal(decimal.MaxValue, sum.DivideToDecimal(1_000_000));
        for (int i = 0; i < 1_000_000; i++)
        {
            sum.Add(decimal.MinValue);
        }

        Assert.Equal(1_000_000 * Smallest, sum.ToDecimal());
    }

    [Fact]
    public void Ten_million_cents_sum_exactly_without_allocating()
    {
        ExactDecimalSum sum = Sum(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000_000; i++)
        {
            sum.Add(0.01m);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(100_000m, sum.ToDecimal());
    }

    [Theory]
    [InlineData("79228162514264337593543950335")]
    [InlineData("-79228162514264337593543950335")]
    public void Doubling_a_sum_ends_in_an_error_and_never_wraps(string value)
    {
        ExactDecimalSum sum = Sum(Parse(value));
        for (int i = 0; i < 64; i++)
        {
            sum.Merge(sum);
        }

        byte[] last = sum.Encode();
        Assert.Throws<OverflowException>(() => sum.Merge(sum));
        Assert.Equal(last, sum.Encode());
        Assert.Equal(DecimalOracle.Units(Parse(value)) << 64, new BigInteger(last.AsSpan(1)));
    }

    private static decimal Any(Random random, int scale)
    {
        int bits = random.Next(97);
        UInt128 mask = (UInt128.One << bits) - 1;
        UInt128 coefficient = new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64() << 1) & mask;
        return new decimal(
            (int)(uint)coefficient, (int)(uint)(coefficient >> 32), (int)(uint)(coefficient >> 64), random.Next(2) == 0, (byte)scale);
    }

    private static decimal Parse(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private static void Add(ref ExactDecimalSum sum, decimal value) => sum.Add(value);

    private static void Merge(ref ExactDecimalSum sum, in ExactDecimalSum other) => sum.Merge(other);

    private static ExactDecimalSum Sum(params ReadOnlySpan<decimal> values)
    {
        ExactDecimalSum sum = default;
        foreach (decimal value in values)
        {
            sum.Add(value);
        }

        return sum;
    }
}

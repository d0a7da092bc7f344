using Lambda.Aggregation.Functions;
using Lambda.Aggregation.Numerics;
using Lambda.Aggregation.Values;
using Lambda.Testing;
using Lambda.TestSupport.Oracle;
using Xunit;
using static Lambda.Tests.Kernel.Definition.Evaluation;

namespace Lambda.Tests.Kernel.Streams;

/// <summary>Approximate functions stay within the bounds that their documentation states, on distributions chosen against them.</summary>
public sealed class SketchAccuracyTests
{
    private const int Values = 5_000;

    public static TheoryData<string> Distributions => [.. Shapes.Keys];

    private static Dictionary<string, Func<Random, double>> Shapes { get; } = new()
    {
        ["all equal"] = _ => 7.25,
        ["uniform"] = random => random.NextDouble(),
        ["around zero"] = random => random.NextDouble() - 0.5,
        ["heavy tail"] = random => Math.Pow(1 - random.NextDouble(), -5),
        ["over all magnitudes"] = random => Math.Pow(2, random.Next(-1022, 1023)) * (1 + random.NextDouble()) * (random.Next(2) == 0 ? 1 : -1),
        ["two far clusters"] = random => (random.Next(2) == 0 ? 1e-12 : -1e12) * (1 + random.NextDouble()),
        ["next to powers of two"] = random => Math.BitIncrement(Math.Pow(2, random.Next(-3, 3))) * (random.Next(2) == 0 ? 1 : Math.BitDecrement(1)),
        ["mostly zeros"] = random => random.Next(10) == 0 ? random.NextDouble() : -0.0,
        ["with infinities and NaN"] = random => random.Next(5) switch
        {
            0 => double.PositiveInfinity,
            1 => double.NegativeInfinity,
            2 => double.NaN,
            _ => random.NextDouble(),
        },
        ["the largest and the least"] = random => random.Next(4) switch { 0 => double.MaxValue, 1 => -double.MaxValue, 2 => 2.2250738585072014e-308, _ => 1 },
    };

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Quantiles_are_within_one_percent(string distribution)
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        double[] values = [.. Enumerable.Range(0, random.Next(1, Values)).Select(_ => Shapes[distribution](random))];
        foreach (double q in (double[])[0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.999, 1])
        {
            QuantileAggregator aggregator = new(q);
            double expected = OracleSpread.Quantile(values.Select(value => (double?)value), q) ?? double.NaN;
            double actual = aggregator.GetResult(AggregatorLaws.Of(aggregator).Of(values)) ?? double.NaN;
            bool isNear = expected.Equals(actual) || Math.Abs(actual - expected) <= RelativeBuckets.RelativeError * Math.Abs(expected);
            Assert.True(isNear, $"seed {seed}, q {q}: {actual:R} is not within 1 % of {expected:R}");
        }
    }

    [Fact]
    public void Every_normal_number_is_within_one_percent_of_the_middle_of_its_interval()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int i = 0; i < Values; i++)
        {
            double value = BitConverter.Int64BitsToDouble(random.NextInt64(1L << 52, 0x7FF0000000000000));
            double middle = RelativeBuckets.Middle(RelativeBuckets.Of(value));
            Assert.True(Math.Abs(middle - value) <= RelativeBuckets.RelativeError * value, $"seed {seed}: {value:R} and {middle:R}");
            Assert.Equal(-middle, RelativeBuckets.Middle(RelativeBuckets.Of(-value)));
            Assert.True(RelativeBuckets.Of(value) <= RelativeBuckets.Of(Math.BitIncrement(value)), $"seed {seed}: {value:R} is above the next number");
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 0.001)]
    [InlineData(1_000, 0.001)]
    [InlineData(3_000, 0.04)]
    [InlineData(50_000, 0.04)]
    [InlineData(1_000_000, 0.04)]
    public void Distinct_counts_are_within_five_standard_errors(int distinct, double bound)
    {
        // Numbers in a row, every other one twice: hashes that are not well mixed show at once.
        foreach (long start in (long[])[0, -distinct, 1L << 40])
        {
            DistinctSketch sketch = default;
            for (long i = 0; i < distinct; i++)
            {
                sketch.Add(IntegerHash(start + i));
                sketch.Add(IntegerHash(start + (i / 2 * 2)));
            }

            Assert.InRange(sketch.Estimate(), distinct * (1 - bound), distinct * (1 + bound));
        }
    }

    [Fact]
    public void Distinct_counts_of_texts_are_within_five_standard_errors()
    {
        DistinctSketch sketch = default;
        for (int i = 0; i < 20_000; i++)
        {
            sketch.Add(StableHash.Of($"user-{i}"));
        }

        Assert.InRange(sketch.Estimate(), 20_000 * 0.96, 20_000 * 1.04);
    }

    [Fact]
    public void Sketches_work_in_views()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        Reading[] events =
            [.. Enumerable.Range(0, Values).Select(i => new Reading($"{i}", DateTimeOffset.UnixEpoch) { Ratio = random.NextDouble(), Count = i, Amount = i })];
        IReadOnlyList<object?> results = Results(events, a => new
        {
            Median = a.Median(e => e.Ratio),
            P95 = a.Quantile(e => e.Count, 0.95),
            Counts = a.ApproxCountDistinct(e => e.Amount),
        });
        double median = OracleSpread.Quantile(events.Select(e => (double?)e.Ratio), 0.5)!.Value;
        Assert.InRange((double)results[0]!, median * 0.99, median * 1.01);
        Assert.InRange((double)results[1]!, 4749 * 0.99, 4749 * 1.01);
        Assert.InRange((long)results[2]!, Values * 0.96, Values * 1.04);
    }

    private static ulong IntegerHash(long value) => Hash<long, IntegerCodec<long>>(value);

    private static ulong Hash<T, TCodec>(T value)
        where TCodec : struct, IValueCodec<T> => TCodec.Hash(value);
}

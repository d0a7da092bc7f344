using Lambda.Aggregation;
using Lambda.Aggregation.Functions;
using Lambda.Testing;
using Lambda.Tests.Kernel.Streams;
using Xunit;

namespace Lambda.Tests.Kernel.Laws;

public sealed class AggregatorLawTests
{
    private static readonly int[] Integers = [0, 1, -1, int.MaxValue, int.MinValue, 7];
    private static readonly long[] Longs = [0, 1, -1, long.MaxValue, long.MinValue, 1L << 53, (1L << 53) + 1];

    private static readonly double[] Numbers =
    [
        0, -0.0, 1, -1, 0.1, 1e16, -1e16, double.MaxValue, -double.MaxValue, double.Epsilon, -double.Epsilon, double.NaN, -double.NaN,
        BitConverter.Int64BitsToDouble(0x7FF0000000000001), double.PositiveInfinity, double.NegativeInfinity, 1e-300, Math.PI,
    ];

    private static readonly decimal[] Decimals =
    [
        0m, 0.000m, new(0, 0, 0, true, 0), new(0, 0, 0, true, 28), 1m, 1.0m, 1.00m, 1.0000000000000000000000000000m, -1m, 10m, decimal.MaxValue,
        decimal.MinValue, 7.9228162514264337593543950335m, 1e-28m, -1e-28m, 0.1m, 123.4500m,
    ];

    private static readonly string[] Texts = ["", "a", "b", "ä", "\0", "日本", "🚀"];

    [Fact]
    public void Counts_obey() => Obey(new CountAggregator(), [default(Row)]);

    [Fact]
    public void Counts_of_values_obey() => Obey(new CountValuesAggregator<string>(), Texts);

    [Fact]
    public void Sums_of_integers_obey() => Obey(new SumInt64Aggregator(), Longs);

    [Fact]
    public void Averages_of_integers_obey() => Obey(new AverageInt64Aggregator(), Longs);

    [Fact]
    public void Sums_of_doubles_obey() => Obey(new SumDoubleAggregator(), Numbers);

    [Fact]
    public void Averages_of_doubles_obey() => Obey(new AverageDoubleAggregator(), Numbers);

    [Fact]
    public void Sums_of_decimals_obey() => Obey(new SumDecimalAggregator(), Decimals);

    [Fact]
    public void Averages_of_decimals_obey() => Obey(new AverageDecimalAggregator(), Decimals);

    [Fact]
    public void Extremes_of_integers_obey()
    {
        Obey(new MinAggregator<int>(), Integers);
        Obey(new MaxAggregator<int>(), Integers);
        Obey(new MinAggregator<long>(), Longs);
        Obey(new MaxAggregator<long>(), Longs);
    }

    [Fact]
    public void Extremes_of_doubles_obey()
    {
        Obey(new MinAggregator<double>(), Numbers);
        Obey(new MaxAggregator<double>(), Numbers);
        Obey(new MinAggregator<double>(), [0.0, -0.0]);
        Obey(new MaxAggregator<double>(), [0.0, -0.0]);
    }

    [Fact]
    public void Extremes_of_decimals_obey()
    {
        Obey(new MinAggregator<decimal>(), Decimals);
        Obey(new MaxAggregator<decimal>(), Decimals);

        // Those that compare equal and differ in bits.
        decimal[] zeros = [0m, 0.00m, new(0, 0, 0, true, 0), new(0, 0, 0, true, 28)];
        Obey(new MinAggregator<decimal>(), zeros);
        Obey(new MaxAggregator<decimal>(), zeros);
        Obey(new MinAggregator<decimal>(), [1m, 1.0m, 1.00m]);
        Obey(new MaxAggregator<decimal>(), [1m, 1.0m, 1.00m]);
    }

    [Fact]
    public void Aggregators_of_users_obey()
    {
        Obey(new DistinctRemainders(), Longs);
        Obey(new LastByOrdinal(), Texts);
    }

    [Fact]
    public void An_aggregator_that_breaks_a_law_is_found() =>
        Assert.Throws<LawViolationException>(() => Obey(new FirstValue(), Longs));

    private static void Obey<TInput, TAccumulator, TResult>(IAggregator<TInput, TAccumulator, TResult> aggregator, TInput[] values) =>
        AggregatorLaws.Of(aggregator).Check(random => values[random.Next(values.Length)], seed: Random.Shared.Next());

    /// <summary>Keeps the first value: its merges do not commute.</summary>
    private readonly struct FirstValue : IAggregator<long, long?, long?>
    {
        public string Signature => "first";

        public IReadOnlyList<StateColumn> StateColumns => [new("", Events.ColumnType.Int64, IsNullable: true)];

        public long? CreateAccumulator() => null;

        public void Add(ref long? accumulator, long value) => accumulator ??= value;

        public void Merge(ref long? accumulator, in long? other) => accumulator ??= other;

        public long? GetResult(in long? accumulator) => accumulator;

        public void Write(in long? accumulator, StateWriter writer)
        {
            if (accumulator is { } value)
            {
                writer.WriteInt64(value);
            }
            else
            {
                writer.WriteNull();
            }
        }

        public long? Read(StateReader reader)
        {
            if (reader.IsNull)
            {
                reader.Skip();
                return null;
            }

            return reader.ReadInt64();
        }
    }
}

using Lambda.Aggregation;
using Lambda.Aggregation.Functions;
using Lambda.Aggregation.Values;
using Lambda.Testing;
using Lambda.Tests.Kernel.Streams;
using Xunit;

namespace Lambda.Tests.Kernel.Laws;

public sealed class AggregatorLawTests
{
    public static TheoryData<string> Names => [.. AggregatorCases.All.Select(aggregator => aggregator.Name).Distinct()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_aggregator_over_every_type_obeys(string name) =>
        Assert.All(AggregatorCases.All.Where(aggregator => aggregator.Name == name), aggregator => aggregator.Obey(seed: Random.Shared.Next()));

    [Fact]
    public void Values_that_are_equal_and_differ_in_bits_do_not_tell_orders_apart()
    {
        decimal[] zeros = [0m, 0.00m, new(0, 0, 0, true, 0), new(0, 0, 0, true, 28)];
        decimal[] ones = [1m, 1.0m, 1.00m];
        double[] numbers = [0.0, -0.0];
        Obey(new MinAggregator<decimal, DecimalCodec>(), zeros);
        Obey(new MaxAggregator<decimal, DecimalCodec>(), zeros);
        Obey(new CountDistinctAggregator<decimal, DecimalCodec>(), zeros);
        Obey(new MinAggregator<decimal, DecimalCodec>(), ones);
        Obey(new MaxAggregator<decimal, DecimalCodec>(), ones);
        Obey(new CollectSetAggregator<decimal, DecimalCodec>(2), ones);
        Obey(new MinAggregator<double, DoubleCodec>(), numbers);
        Obey(new MaxAggregator<double, DoubleCodec>(), numbers);
        Obey(new TopKAggregator<double, DoubleCodec>(1, 1), numbers);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(900)]
    [InlineData(1200)]
    [InlineData(5000)]
    public void Sketches_and_sets_of_many_values_obey(int distinct)
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        long[] values = [.. Enumerable.Range(0, distinct * 2).Select(_ => random.NextInt64(distinct))];
        AggregatorLaws.Of(new ApproxCountDistinctAggregator<long, IntegerCodec<long>>()).CheckList(values, seed);
        AggregatorLaws.Of(new CountDistinctAggregator<long, IntegerCodec<long>>()).CheckList(values, seed);
        AggregatorLaws.Of(new TopKAggregator<long, IntegerCodec<long>>(10, 1000)).CheckList(values, seed);
        AggregatorLaws.Of(new CollectSetAggregator<long, IntegerCodec<long>>(100)).CheckList(values, seed);
        AggregatorLaws.Of(new QuantileAggregator(0.9)).CheckList([.. values.Select(value => Math.Exp(value / 100.0))], seed);
    }

    [Fact]
    public void Aggregators_of_users_obey()
    {
        Obey(new DistinctRemainders(), UnusualValues.Longs);
        Obey(new LastByOrdinal(), UnusualValues.Texts);
    }

    [Fact]
    public void An_aggregator_that_breaks_a_law_is_found() =>
        Assert.Throws<LawViolationException>(() => Obey(new FirstValue(), UnusualValues.Longs));

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

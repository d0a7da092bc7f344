using Lambda.Aggregation;
using Lambda.Aggregation.Functions;
using Lambda.Aggregation.Numerics;
using Lambda.Aggregation.Values;
using Lambda.Testing;

namespace Lambda.Tests.Kernel.Laws;

/// <summary>One aggregator over one type of values, with its types put away.</summary>
internal abstract class AggregatorCase
{
    /// <summary>The signature, which tells it from all others.</summary>
    public abstract string Name { get; }

    /// <summary>Checks the laws on random values.</summary>
    public abstract void Obey(int seed);

    /// <summary>The states and results of some lists of values that are always the same.</summary>
    public abstract IEnumerable<StoredState> States();

    /// <summary>The result of a state at rest.</summary>
    public abstract string ResultOf(StoredState stored);
}

/// <inheritdoc/>
internal sealed class AggregatorCase<TInput, TAccumulator, TResult>(IAggregator<TInput, TAccumulator, TResult> aggregator, Func<Random, TInput> value)
    : AggregatorCase
{
    public override string Name => aggregator.Signature;

    public override void Obey(int seed) => AggregatorLaws.Of(aggregator).Check(value, seed);

    public override IEnumerable<StoredState> States()
    {
        AggregatorLaws<TInput, TAccumulator, TResult> laws = AggregatorLaws.Of(aggregator);
        StateAtRest<TInput, TAccumulator, TResult> atRest = new(aggregator);
        Random random = new(Name.Length);
        foreach (int count in (int[])[0, 1, 2, 5, 20])
        {
            TAccumulator state = laws.Of([.. Enumerable.Range(0, count).Select(_ => value(random))]);
            yield return new StoredState(StoredValues.Of(atRest.Write(state)), laws.Result(state));
        }
    }

    public override string ResultOf(StoredState stored) => AggregatorLaws.Of(aggregator).Result(
        new StateAtRest<TInput, TAccumulator, TResult>(aggregator).Read(StoredValues.Columns(aggregator.StateColumns, stored.Columns)));
}

/// <summary>Every built-in aggregator over every type of values.</summary>
internal static class AggregatorCases
{
    public static IReadOnlyList<AggregatorCase> All { get; } =
    [
        Of(new CountAggregator(), [default(Row)]),
        Of(new CountValuesAggregator<string>(), UnusualValues.Texts),
        Of(new CountIfAggregator(), UnusualValues.Booleans),
        Of(new SumInt64Aggregator(), UnusualValues.Longs),
        Of(new AverageInt64Aggregator(), UnusualValues.Longs),
        Of(new SumDoubleAggregator(), UnusualValues.Numbers),
        Of(new AverageDoubleAggregator(), UnusualValues.Numbers),
        Of(new SumDecimalAggregator(), UnusualValues.Decimals),
        Of(new AverageDecimalAggregator(), UnusualValues.Decimals),
        .. from measure in Enum.GetValues<SpreadMeasure>()
           from kind in Enum.GetValues<SpreadKind>()
           from spread in (AggregatorCase[])
           [
               Of(new SpreadInt64Aggregator(new SpreadQuestion(measure, kind)), UnusualValues.Longs),
               Of(new SpreadDoubleAggregator(new SpreadQuestion(measure, kind)), UnusualValues.Numbers),
           ]
           select spread,
        Of(new QuantileAggregator(0.5), UnusualValues.Numbers),
        Of(new QuantileAggregator(0), UnusualValues.Numbers),
        Of(new QuantileAggregator(0.99), UnusualValues.Numbers),
        Of(new HistogramAggregator([-1, 0, 1e16]), UnusualValues.Numbers),
        .. OverValues<bool, BooleanCodec>(UnusualValues.Booleans),
        .. OverValues<byte, IntegerCodec<byte>>(UnusualValues.Bytes),
        .. OverValues<short, IntegerCodec<short>>(UnusualValues.Shorts),
        .. OverValues<int, IntegerCodec<int>>(UnusualValues.Integers),
        .. OverValues<uint, IntegerCodec<uint>>(UnusualValues.Naturals),
        .. OverValues<long, IntegerCodec<long>>(UnusualValues.Longs),
        .. OverValues<float, SingleCodec>(UnusualValues.Singles),
        .. OverValues<double, DoubleCodec>(UnusualValues.Numbers),
        .. OverValues<decimal, DecimalCodec>(UnusualValues.Decimals),
        .. OverValues<string, StringCodec>(UnusualValues.Texts),
        .. OverValues<DateTime, DateTimeCodec>(UnusualValues.Times),
        .. OverValues<DateTimeOffset, DateTimeOffsetCodec>(UnusualValues.Instants),
        .. OverValues<DateOnly, DateOnlyCodec>(UnusualValues.Dates),
        .. OverValues<TimeSpan, TimeSpanCodec>(UnusualValues.Durations),
        .. OverValues<Guid, GuidCodec>(UnusualValues.Guids),
        .. OverValues<UnusualValues.Weather, EnumCodec<UnusualValues.Weather>>(UnusualValues.Enumerations),
    ];

    private static AggregatorCase[] OverValues<T, TCodec>(T[] values)
        where TCodec : struct, IValueCodec<T> =>
    [
        Of(new MinAggregator<T, TCodec>(), values),
        Of(new MaxAggregator<T, TCodec>(), values),
        OfTimed(new FirstAggregator<T, TCodec>(), values),
        OfTimed(new LastAggregator<T, TCodec>(), values),
        OfRanked(new ExtremeByAggregator<T, TCodec, double, DoubleCodec, LeastRank<double, DoubleCodec>>(), values, UnusualValues.Numbers),
        OfRanked(new ExtremeByAggregator<long, IntegerCodec<long>, T, TCodec, GreatestRank<T, TCodec>>(), UnusualValues.Longs, values),
        Of(new CountDistinctAggregator<T, TCodec>(), values),
        Of(new ApproxCountDistinctAggregator<T, TCodec>(), values),
        Of(new TopKAggregator<T, TCodec>(2, 4), values),
        Of(new TopKAggregator<T, TCodec>(3, 10_000), values),
        Of(new CollectSetAggregator<T, TCodec>(1), values),
        Of(new CollectSetAggregator<T, TCodec>(3), values),
    ];

    private static AggregatorCase<TInput, TAccumulator, TResult> Of<TInput, TAccumulator, TResult>(
        IAggregator<TInput, TAccumulator, TResult> aggregator, TInput[] values) => new(aggregator, random => random.GetItems(values, 1)[0]);

    private static AggregatorCase<Timed<T>, TimedState<T>, object?> OfTimed<T>(
        IAggregator<Timed<T>, TimedState<T>, object?> aggregator, T[] values) =>
        new(aggregator, random => new Timed<T>(random.GetItems(values, 1)[0], UnusualValues.Moment(random)));

    private static AggregatorCase<Timed<Ranked<T, TRank>>, TimedState<Ranked<T, TRank>>, object?> OfRanked<T, TRank>(
        IAggregator<Timed<Ranked<T, TRank>>, TimedState<Ranked<T, TRank>>, object?> aggregator, T[] values, TRank[] ranks) =>
        new(aggregator, random => new Timed<Ranked<T, TRank>>(
            new Ranked<T, TRank>(random.GetItems(values, 1)[0], random.GetItems(ranks, 1)[0]), UnusualValues.Moment(random)));
}

using System.Linq.Expressions;
using Lambda.Aggregation.Numerics;
using Lambda.Aggregation.Values;

namespace Lambda.Aggregation.Functions;

/// <summary>Which aggregator a call in a definition stands for.</summary>
internal static class BuiltInFunctions
{
    private static readonly HashSet<Type> Numeric =
    [
        typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double),
        typeof(decimal),
    ];

    /// <summary>The function of a call; null when there is none of that name over values of that type.</summary>
    /// <exception cref="ArgumentException">An argument is none that the function takes; the message says what to write instead.</exception>
    public static ResolvedAggregate? Find(AggregateCall call) => call.Selectors switch
    {
        [] => call.Name == nameof(Aggregates<>.Count) ? new ResolvedAggregate(AggregateFunction.Of(new CountAggregator()), null) : null,
        [var selector] => OfOne(call, call.ValueType(0)) is { } function ? new ResolvedAggregate(function, selector) : null,
        [var value, var rank] => By(call, value, rank),
        _ => null,
    };

    private static AggregateFunction? OfOne(AggregateCall call, Type type) => call.Name switch
    {
        nameof(Aggregates<>.Count) => AggregateFunction.Of(Activator.CreateInstance(typeof(CountValuesAggregator<>).MakeGenericType(type))!),
        nameof(Aggregates<>.CountIf) => AggregateFunction.Of(new CountIfAggregator()),
        nameof(Aggregates<>.Sum) => Sum(type),
        nameof(Aggregates<>.Average) => Average(type),
        nameof(Aggregates<>.Variance) => OfSpread(type, SpreadMeasure.Variance, SpreadKind.Sample),
        nameof(Aggregates<>.PopulationVariance) => OfSpread(type, SpreadMeasure.Variance, SpreadKind.Population),
        nameof(Aggregates<>.StdDev) => OfSpread(type, SpreadMeasure.StandardDeviation, SpreadKind.Sample),
        nameof(Aggregates<>.PopulationStdDev) => OfSpread(type, SpreadMeasure.StandardDeviation, SpreadKind.Population),
        nameof(Aggregates<>.Min) => Extreme(typeof(MinAggregator<,>), type),
        nameof(Aggregates<>.Max) => Extreme(typeof(MaxAggregator<,>), type),
        nameof(Aggregates<>.First) => OfValues(typeof(FirstAggregator<,>), type),
        nameof(Aggregates<>.Last) => OfValues(typeof(LastAggregator<,>), type),
        nameof(Aggregates<>.CountDistinct) => OfValues(typeof(CountDistinctAggregator<,>), type),
        nameof(Aggregates<>.ApproxCountDistinct) => OfValues(typeof(ApproxCountDistinctAggregator<,>), type),
        nameof(Aggregates<>.Quantile) when Numeric.Contains(type) => AggregateFunction.Of(new QuantileAggregator(Arguments.Quantile(call))),
        nameof(Aggregates<>.Median) when Numeric.Contains(type) => AggregateFunction.Of(new QuantileAggregator(0.5)),
        nameof(Aggregates<>.Histogram) when Numeric.Contains(type) => AggregateFunction.Of(new HistogramAggregator(Arguments.Bounds(call))),
        nameof(Aggregates<>.TopK) => OfValues(typeof(TopKAggregator<,>), type, Arguments.Count(call, 0), Arguments.MostDistinct(call)),
        nameof(Aggregates<>.CollectSet) => OfValues(typeof(CollectSetAggregator<,>), type, Arguments.Count(call, 0)),
        _ => null,
    };

    private static AggregateFunction? Sum(Type type) => type switch
    {
        _ when type == typeof(int) || type == typeof(long) => AggregateFunction.Of(new SumInt64Aggregator()),
        _ when type == typeof(double) => AggregateFunction.Of(new SumDoubleAggregator()),
        _ when type == typeof(decimal) => AggregateFunction.Of(new SumDecimalAggregator()),
        _ => null,
    };

    private static AggregateFunction? Average(Type type) => type switch
    {
        _ when type == typeof(int) || type == typeof(long) => AggregateFunction.Of(new AverageInt64Aggregator()),
        _ when type == typeof(double) => AggregateFunction.Of(new AverageDoubleAggregator()),
        _ when type == typeof(decimal) => AggregateFunction.Of(new AverageDecimalAggregator()),
        _ => null,
    };

    private static AggregateFunction? OfSpread(Type type, SpreadMeasure measure, SpreadKind kind)
    {
        SpreadQuestion question = new(measure, kind);
        return type switch
        {
            _ when !Numeric.Contains(type) => null,
            _ when type == typeof(float) || type == typeof(double) || type == typeof(decimal) || type == typeof(ulong) =>
                AggregateFunction.Of(new SpreadDoubleAggregator(question)),
            _ => AggregateFunction.Of(new SpreadInt64Aggregator(question)),
        };
    }

    private static AggregateFunction? Extreme(Type aggregator, Type type) => OfValues(aggregator, type) is { } function
        && type.IsValueType && function.ResultType == type && ValueCodecs.Find(type) is { } codec
            ? AggregateFunction.Of(Activator.CreateInstance(typeof(NullableExtreme<,>).MakeGenericType(aggregator.MakeGenericType(type, codec), type))!)
            : OfValues(aggregator, type);

    /// <summary>An aggregator over any values that have a codec.</summary>
    private static AggregateFunction? OfValues(Type aggregator, Type type, params object[] arguments) => ValueCodecs.Find(type) is { } codec
        ? AggregateFunction.Of(Activator.CreateInstance(aggregator.MakeGenericType(type, codec), arguments)!)
        : null;

    private static ResolvedAggregate? By(AggregateCall call, LambdaExpression value, LambdaExpression rank)
    {
        Type? order = call.Name switch
        {
            nameof(Aggregates<>.MinBy) => typeof(LeastRank<,>),
            nameof(Aggregates<>.MaxBy) => typeof(GreatestRank<,>),
            _ => null,
        };
        Type valueType = call.ValueType(0);
        Type rankType = call.ValueType(1);
        if (order is null || ValueCodecs.Find(valueType) is not { } valueCodec || ValueCodecs.Find(rankType) is not { } rankCodec)
        {
            return null;
        }

        Type aggregator = typeof(ExtremeByAggregator<,,,,>).MakeGenericType(
            valueType, valueCodec, rankType, rankCodec, order.MakeGenericType(rankType, rankCodec));
        return new ResolvedAggregate(AggregateFunction.Of(Activator.CreateInstance(aggregator)!), Ranking.Combine(value, rank));
    }
}

namespace Lambda.Aggregation.Functions;

/// <summary>Which aggregator a call in a definition stands for.</summary>
internal static class BuiltInFunctions
{
    /// <summary>The function of that name over values of that type; null when there is none.</summary>
    public static AggregateFunction? Find(string name, Type? valueType) => name switch
    {
        nameof(Aggregates<>.Count) when valueType is null => AggregateFunction.Of(new CountAggregator()),
        nameof(Aggregates<>.Count) => CountValues(valueType),
        nameof(Aggregates<>.Sum) => Sum(valueType),
        nameof(Aggregates<>.Average) => Average(valueType),
        nameof(Aggregates<>.Min) => Min(valueType),
        nameof(Aggregates<>.Max) => Max(valueType),
        _ => null,
    };

    private static AggregateFunction CountValues(Type valueType)
    {
        Type aggregator = typeof(CountValuesAggregator<>).MakeGenericType(valueType);
        Type function = typeof(AggregateFunction<,,,>).MakeGenericType(aggregator, valueType, typeof(long), typeof(long));
        return (AggregateFunction)Activator.CreateInstance(function, Activator.CreateInstance(aggregator))!;
    }

    private static AggregateFunction? Sum(Type? type) => type switch
    {
        _ when type == typeof(int) || type == typeof(long) => AggregateFunction.Of(new SumInt64Aggregator()),
        _ when type == typeof(double) => AggregateFunction.Of(new SumDoubleAggregator()),
        _ when type == typeof(decimal) => AggregateFunction.Of(new SumDecimalAggregator()),
        _ => null,
    };

    private static AggregateFunction? Average(Type? type) => type switch
    {
        _ when type == typeof(int) || type == typeof(long) => AggregateFunction.Of(new AverageInt64Aggregator()),
        _ when type == typeof(double) => AggregateFunction.Of(new AverageDoubleAggregator()),
        _ when type == typeof(decimal) => AggregateFunction.Of(new AverageDecimalAggregator()),
        _ => null,
    };

    private static AggregateFunction? Min(Type? type) => type switch
    {
        _ when type == typeof(int) => AggregateFunction.Of(new MinAggregator<int>()),
        _ when type == typeof(long) => AggregateFunction.Of(new MinAggregator<long>()),
        _ when type == typeof(double) => AggregateFunction.Of(new MinAggregator<double>()),
        _ when type == typeof(decimal) => AggregateFunction.Of(new MinAggregator<decimal>()),
        _ => null,
    };

    private static AggregateFunction? Max(Type? type) => type switch
    {
        _ when type == typeof(int) => AggregateFunction.Of(new MaxAggregator<int>()),
        _ when type == typeof(long) => AggregateFunction.Of(new MaxAggregator<long>()),
        _ when type == typeof(double) => AggregateFunction.Of(new MaxAggregator<double>()),
        _ when type == typeof(decimal) => AggregateFunction.Of(new MaxAggregator<decimal>()),
        _ => null,
    };
}

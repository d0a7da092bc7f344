using System.Numerics;

namespace Lambda.TestSupport.Oracle;

/// <summary>Aggregates as folds over whole lists of events. Nulls are skipped.</summary>
public static class OracleAggregate
{
    public static Func<IReadOnlyList<TEvent>, object?> Count<TEvent>() => events => (long)events.Count;

    public static Func<IReadOnlyList<TEvent>, object?> Count<TEvent>(Func<TEvent, object?> value) =>
        events => (long)events.Count(e => value(e) is not null);

    public static Func<IReadOnlyList<TEvent>, object?> Sum<TEvent>(Func<TEvent, long?> value) =>
        events => Values(events, value).Aggregate(BigInteger.Zero, (sum, next) => sum + next);

    public static Func<IReadOnlyList<TEvent>, object?> Average<TEvent>(Func<TEvent, long?> value) => events =>
    {
        List<long> values = Values(events, value);
        BigInteger sum = values.Aggregate(BigInteger.Zero, (total, next) => total + next);
        return values.Count == 0 ? null : ExactNumbers.NearestDouble(sum) / values.Count;
    };

    public static Func<IReadOnlyList<TEvent>, object?> Min<TEvent>(Func<TEvent, long?> value) =>
        events => events.Select(value).Min();

    public static Func<IReadOnlyList<TEvent>, object?> Max<TEvent>(Func<TEvent, long?> value) =>
        events => events.Select(value).Max();

    public static Func<IReadOnlyList<TEvent>, object?> Sum<TEvent>(Func<TEvent, double?> value) => events => Sum(Values(events, value), 1);

    public static Func<IReadOnlyList<TEvent>, object?> Average<TEvent>(Func<TEvent, double?> value) => events =>
    {
        List<double> values = Values(events, value);
        return values.Count == 0 ? null : Sum(values, values.Count);
    };

    /// <summary>NaN wins; 0 stands for −0.</summary>
    public static Func<IReadOnlyList<TEvent>, object?> Min<TEvent>(Func<TEvent, double?> value) => events => Extreme(Values(events, value), least: true);

    /// <summary>NaN wins; 0 stands for −0.</summary>
    public static Func<IReadOnlyList<TEvent>, object?> Max<TEvent>(Func<TEvent, double?> value) => events => Extreme(Values(events, value), least: false);

    public static Func<IReadOnlyList<TEvent>, object?> Sum<TEvent>(Func<TEvent, decimal?> value) =>
        events => ExactNumbers.NearestDecimal(Units(Values(events, value)), BigInteger.One);

    public static Func<IReadOnlyList<TEvent>, object?> Average<TEvent>(Func<TEvent, decimal?> value) => events =>
    {
        List<decimal> values = Values(events, value);
        return values.Count == 0 ? null : ExactNumbers.NearestDecimal(Units(values), values.Count);
    };

    public static Func<IReadOnlyList<TEvent>, object?> Min<TEvent>(Func<TEvent, decimal?> value) =>
        events => Shortest(events.Select(value).Min());

    public static Func<IReadOnlyList<TEvent>, object?> Max<TEvent>(Func<TEvent, decimal?> value) =>
        events => Shortest(events.Select(value).Max());

    private static decimal? Shortest(decimal? value) => value is { } number ? ExactNumbers.Shortest(number) : null;

    private static BigInteger Units(List<decimal> values) =>
        values.Aggregate(BigInteger.Zero, (sum, next) => sum + ExactNumbers.Units(next));

    private static double Sum(List<double> values, int divisor)
    {
        bool up = values.Contains(double.PositiveInfinity);
        bool down = values.Contains(double.NegativeInfinity);
        if (values.Exists(double.IsNaN) || (up && down))
        {
            return double.NaN;
        }

        if (up || down)
        {
            return up ? double.PositiveInfinity : double.NegativeInfinity;
        }

        return ExactNumbers.NearestDouble(values.Aggregate(BigInteger.Zero, (sum, next) => sum + ExactNumbers.Units(next)), divisor);
    }

    private static double? Extreme(List<double> values, bool least)
    {
        if (values.Count == 0)
        {
            return null;
        }

        double extreme = values.Exists(double.IsNaN) ? double.NaN : least ? values.Min() : values.Max();
        return extreme == 0 ? 0.0 : extreme;
    }

    private static List<T> Values<TEvent, T>(IReadOnlyList<TEvent> events, Func<TEvent, T?> value)
        where T : struct => [.. events.Select(value).Where(next => next.HasValue).Select(next => next!.Value)];
}

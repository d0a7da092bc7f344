using System.Linq.Expressions;

namespace Lambda.Aggregation;

/// <summary>
/// The aggregate functions that a view's definition can name: <c>.Aggregate(a => new { Flights = a.Count(), … })</c>. The calls are read from the
/// expression, not run; values come from queries.
/// </summary>
/// <typeparam name="TEvent">The event type.</typeparam>
public abstract class Aggregates<TEvent>
{
    private protected Aggregates()
    {
    }

    /// <summary>How many events there are.</summary>
    public abstract long Count();

    /// <summary>How many values are not null.</summary>
    public abstract long Count<TValue>(Expression<Func<TEvent, TValue>> selector);

    /// <summary>For how many events a condition holds. Nulls do not count.</summary>
    public abstract long CountIf(Expression<Func<TEvent, bool?>> condition);

    /// <summary>The sum of the values, exact at any size: it is held in 128 bits. Nulls are skipped; the sum of nothing is 0.</summary>
    public abstract long Sum(Expression<Func<TEvent, int?>> selector);

    /// <inheritdoc cref="Sum(Expression{Func{TEvent, int?}})"/>
    public abstract long Sum(Expression<Func<TEvent, long?>> selector);

    /// <summary>
    /// The sum of the values, exact and rounded once to the nearest double, so that it does not depend on their order. Nulls are skipped; the sum of
    /// nothing is 0. Any NaN, or infinities of both signs, give NaN.
    /// </summary>
    public abstract double Sum(Expression<Func<TEvent, double?>> selector);

    /// <summary>The sum of the values, exact; a result that has more digits than a decimal holds is rounded once, half to even. Nulls are skipped.</summary>
    public abstract decimal Sum(Expression<Func<TEvent, decimal?>> selector);

    /// <summary>The mean of the values; null when there are none. Nulls are skipped.</summary>
    public abstract double? Average(Expression<Func<TEvent, int?>> selector);

    /// <inheritdoc cref="Average(Expression{Func{TEvent, int?}})"/>
    public abstract double? Average(Expression<Func<TEvent, long?>> selector);

    /// <inheritdoc cref="Average(Expression{Func{TEvent, int?}})"/>
    public abstract double? Average(Expression<Func<TEvent, double?>> selector);

    /// <inheritdoc cref="Average(Expression{Func{TEvent, int?}})"/>
    public abstract decimal? Average(Expression<Func<TEvent, decimal?>> selector);

    /// <summary>
    /// The least of the values; null when there are none. Nulls are skipped. Numbers and instants by size, texts by ordinal, enumerations by number, false
    /// before true. NaN is taken for the least, and −0 for 0.
    /// </summary>
    public abstract TValue? Min<TValue>(Expression<Func<TEvent, TValue>> selector);

    /// <summary>
    /// The greatest of the values; null when there are none. Nulls are skipped. Numbers and instants by size, texts by ordinal, enumerations by number, true
    /// after false. NaN is taken for the greatest, and −0 for 0.
    /// </summary>
    public abstract TValue? Max<TValue>(Expression<Func<TEvent, TValue>> selector);

    /// <summary>
    /// The variance of the values taken as a sample, <c>var_samp</c> in SQL: the squares of the deviations from the mean, divided by their number less
    /// one. From exact sums, rounded once. Nulls are skipped; null for fewer than two values. NaN for any NaN or infinity, and for doubles of 2^512 and
    /// more, whose squares no double holds. Decimals and floats are taken as doubles, as C# converts them.
    /// </summary>
    public abstract double? Variance<TValue>(Expression<Func<TEvent, TValue>> selector);

    /// <summary>As <see cref="Variance"/>, but for values that are all there are, <c>var_pop</c> in SQL: divided by their number. Null for none.</summary>
    public abstract double? PopulationVariance<TValue>(Expression<Func<TEvent, TValue>> selector);

    /// <summary>The square root of <see cref="Variance"/>, <c>stddev_samp</c> in SQL.</summary>
    public abstract double? StdDev<TValue>(Expression<Func<TEvent, TValue>> selector);

    /// <summary>The square root of <see cref="PopulationVariance"/>, <c>stddev_pop</c> in SQL.</summary>
    public abstract double? PopulationStdDev<TValue>(Expression<Func<TEvent, TValue>> selector);

    /// <summary>
    /// The value of the earliest event by event time; of events of one instant the one of the lowest partition, then offset. So it does not depend on the
    /// order of arrival. Nulls are skipped; null when there is no value.
    /// </summary>
    public abstract TValue? First<TValue>(Expression<Func<TEvent, TValue>> selector);

    /// <summary>The value of the latest event, as <see cref="First"/> has the earliest.</summary>
    public abstract TValue? Last<TValue>(Expression<Func<TEvent, TValue>> selector);

    /// <summary>
    /// The value of the event that has the least <paramref name="by"/>, in the order of <see cref="Min"/>; of several, that of the earliest event, as in
    /// <see cref="First"/>. Events where one of the two is null are skipped; null when there is none.
    /// </summary>
    /// <param name="selector">What is given.</param>
    /// <param name="by">What it is chosen by.</param>
    public abstract TValue? MinBy<TValue, TRank>(Expression<Func<TEvent, TValue>> selector, Expression<Func<TEvent, TRank>> by);

    /// <summary>The value of the event that has the greatest <paramref name="by"/>; as <see cref="MinBy"/> otherwise.</summary>
    /// <param name="selector">What is given.</param>
    /// <param name="by">What it is chosen by.</param>
    public abstract TValue? MaxBy<TValue, TRank>(Expression<Func<TEvent, TValue>> selector, Expression<Func<TEvent, TRank>> by);

    /// <summary>
    /// How many different values there are, exactly. Keeps every one of them. Nulls are skipped; −0 is 0, all NaNs are one value, and instants are one when
    /// their microseconds are.
    /// </summary>
    public abstract long CountDistinct<TValue>(Expression<Func<TEvent, TValue>> selector);

    /// <summary>
    /// About how many different values there are: HyperLogLog with 2^14 registers, a standard error of 0.81 %, and nearly exact up to some thousand.
    /// Takes at most 16 KiB however many there are. What counts as one value is as in <see cref="CountDistinct"/>.
    /// </summary>
    public abstract long ApproxCountDistinct<TValue>(Expression<Func<TEvent, TValue>> selector);

    /// <summary>
    /// A quantile of numbers: within 1 % of the value that has rank ⌊q (n − 1)⌋, counted from 0, among all n. Nulls and NaN are skipped; infinities and
    /// zero are exact; null when there are no values.
    /// </summary>
    /// <param name="selector">The numbers.</param>
    /// <param name="q">0 for the minimum, 0.5 for the median, 1 for the maximum.</param>
    public abstract double? Quantile<TValue>(Expression<Func<TEvent, TValue>> selector, double q);

    /// <summary>The quantile of 0.5.</summary>
    public abstract double? Median<TValue>(Expression<Func<TEvent, TValue>> selector);

    /// <summary>How many numbers lie in each of the intervals between bounds, and before the first and from the last on. Nulls are skipped.</summary>
    /// <param name="selector">The numbers.</param>
    /// <param name="bounds">Where one interval ends and the next begins, rising; see <see cref="Buckets"/>. A bound belongs to the interval it begins.</param>
    public abstract Histogram Histogram<TValue>(Expression<Func<TEvent, TValue>> selector, params double[] bounds);

    /// <summary>
    /// The values that most events have, with exact counts, the most frequent first and of equally frequent ones the least. Null when there are more than
    /// 10,000 different values in a key's window: they are all counted, and then no more. Nulls are skipped.
    /// </summary>
    /// <param name="selector">The values.</param>
    /// <param name="k">How many are given at most.</param>
    public abstract ValueList<ValueCount>? TopK<TValue>(Expression<Func<TEvent, TValue>> selector, int k);

    /// <inheritdoc cref="TopK{TValue}(Expression{Func{TEvent, TValue}}, int)"/>
    /// <param name="selector">The values.</param>
    /// <param name="k">How many are given at most.</param>
    /// <param name="mostDistinct">How many different values are counted in place of the 10,000.</param>
    public abstract ValueList<ValueCount>? TopK<TValue>(Expression<Func<TEvent, TValue>> selector, int k, int mostDistinct);

    /// <summary>The different values in order; of more than <paramref name="cap"/> the least, and a sign that there were more. Nulls are skipped.</summary>
    /// <param name="selector">The values.</param>
    /// <param name="cap">How many are kept at most.</param>
    public abstract CollectedSet CollectSet<TValue>(Expression<Func<TEvent, TValue>> selector, int cap);

    /// <summary>An aggregate function of your own over the values that are not null.</summary>
    /// <param name="aggregator">The function; evaluated once, when the view is defined.</param>
    /// <param name="selector">What it is computed over.</param>
    public abstract TResult Custom<TInput, TAccumulator, TResult>(
        IAggregator<TInput, TAccumulator, TResult> aggregator, Expression<Func<TEvent, TInput>> selector);
}

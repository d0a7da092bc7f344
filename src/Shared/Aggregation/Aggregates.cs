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
    /// The least of the values; null when there are none. Nulls are skipped. Of doubles, NaN is taken for the least, and −0 for 0.
    /// </summary>
    public abstract int? Min(Expression<Func<TEvent, int?>> selector);

    /// <inheritdoc cref="Min(Expression{Func{TEvent, int?}})"/>
    public abstract long? Min(Expression<Func<TEvent, long?>> selector);

    /// <inheritdoc cref="Min(Expression{Func{TEvent, int?}})"/>
    public abstract double? Min(Expression<Func<TEvent, double?>> selector);

    /// <inheritdoc cref="Min(Expression{Func{TEvent, int?}})"/>
    public abstract decimal? Min(Expression<Func<TEvent, decimal?>> selector);

    /// <summary>
    /// The greatest of the values; null when there are none. Nulls are skipped. Of doubles, NaN is taken for the greatest, and −0 for 0.
    /// </summary>
    public abstract int? Max(Expression<Func<TEvent, int?>> selector);

    /// <inheritdoc cref="Max(Expression{Func{TEvent, int?}})"/>
    public abstract long? Max(Expression<Func<TEvent, long?>> selector);

    /// <inheritdoc cref="Max(Expression{Func{TEvent, int?}})"/>
    public abstract double? Max(Expression<Func<TEvent, double?>> selector);

    /// <inheritdoc cref="Max(Expression{Func{TEvent, int?}})"/>
    public abstract decimal? Max(Expression<Func<TEvent, decimal?>> selector);

    /// <summary>An aggregate function of your own over the values that are not null.</summary>
    /// <param name="aggregator">The function; evaluated once, when the view is defined.</param>
    /// <param name="selector">What it is computed over.</param>
    public abstract TResult Custom<TInput, TAccumulator, TResult>(
        IAggregator<TInput, TAccumulator, TResult> aggregator, Expression<Func<TEvent, TInput>> selector);
}

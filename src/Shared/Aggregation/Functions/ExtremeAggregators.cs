using System.Runtime.CompilerServices;
using Lambda.Aggregation.Sql;
using Lambda.Aggregation.Values;

namespace Lambda.Aggregation.Functions;

/// <summary>
/// The least value; null when there is none. NaN wins over every number and −0 counts as 0, so that order does not matter.
/// </summary>
internal readonly struct MinAggregator<T, TCodec> : IAggregator<T, Optional<T>, object?>, ITypedResult, IColumnarResult<Optional<T>>, ISqlAggregator
    where TCodec : struct, IValueCodec<T>
{
    public string Signature => $"min({TCodec.Name})";

    public IReadOnlyList<StateColumn> StateColumns => OptionalColumn<T, TCodec>.Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => SqlValues<T, TCodec>.Extreme(SqlValues<T, TCodec>.Least("{0}"));

    public Type ResultType => TCodec.ShownAs;

    public Optional<T> CreateAccumulator() => default;

    public void Add(ref Optional<T> accumulator, T value)
    {
        if (typeof(TCodec) == typeof(IntegerCodec<long>))
        {
            ref Optional<long> integer = ref Unsafe.As<Optional<T>, Optional<long>>(ref accumulator);
            long added = (long)(object)value!;
            integer.Set(added, added < integer.Value);
            return;
        }

        if (!accumulator.HasValue || Extremes<T, TCodec>.IsLess(value, accumulator.Value))
        {
            accumulator.Value = TCodec.Canonical(value);
            accumulator.HasValue = true;
        }
    }

    public void Merge(ref Optional<T> accumulator, in Optional<T> other)
    {
        if (other.HasValue)
        {
            Add(ref accumulator, other.Value);
        }
    }

    public object? GetResult(in Optional<T> accumulator) => accumulator.HasValue ? TCodec.Show(accumulator.Value) : null;

    public ResultColumn CreateResults() => new OptionalResults<T, TCodec>();

    public void WriteResults(Optional<T>[] accumulators, ReadOnlySpan<int> slots, ResultColumn destination) =>
        ((OptionalResults<T, TCodec>)destination).Add(accumulators, slots);

    public void Write(in Optional<T> accumulator, StateWriter writer) => OptionalColumn<T, TCodec>.Write(in accumulator, writer);

    public Optional<T> Read(StateReader reader) => OptionalColumn<T, TCodec>.Read(reader);
}

/// <summary>
/// The greatest value; null when there is none. NaN wins over every number and −0 counts as 0, so that order does not matter.
/// </summary>
internal readonly struct MaxAggregator<T, TCodec> : IAggregator<T, Optional<T>, object?>, ITypedResult, IColumnarResult<Optional<T>>, ISqlAggregator
    where TCodec : struct, IValueCodec<T>
{
    public string Signature => $"max({TCodec.Name})";

    public IReadOnlyList<StateColumn> StateColumns => OptionalColumn<T, TCodec>.Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => SqlValues<T, TCodec>.Extreme(SqlValues<T, TCodec>.Greatest("{0}"));

    public Type ResultType => TCodec.ShownAs;

    public Optional<T> CreateAccumulator() => default;

    public void Add(ref Optional<T> accumulator, T value)
    {
        if (typeof(TCodec) == typeof(IntegerCodec<long>))
        {
            ref Optional<long> integer = ref Unsafe.As<Optional<T>, Optional<long>>(ref accumulator);
            long added = (long)(object)value!;
            integer.Set(added, added > integer.Value);
            return;
        }

        if (!accumulator.HasValue || Extremes<T, TCodec>.IsGreater(value, accumulator.Value))
        {
            accumulator.Value = TCodec.Canonical(value);
            accumulator.HasValue = true;
        }
    }

    public void Merge(ref Optional<T> accumulator, in Optional<T> other)
    {
        if (other.HasValue)
        {
            Add(ref accumulator, other.Value);
        }
    }

    public object? GetResult(in Optional<T> accumulator) => accumulator.HasValue ? TCodec.Show(accumulator.Value) : null;

    public ResultColumn CreateResults() => new OptionalResults<T, TCodec>();

    public void WriteResults(Optional<T>[] accumulators, ReadOnlySpan<int> slots, ResultColumn destination) =>
        ((OptionalResults<T, TCodec>)destination).Add(accumulators, slots);

    public void Write(in Optional<T> accumulator, StateWriter writer) => OptionalColumn<T, TCodec>.Write(in accumulator, writer);

    public Optional<T> Read(StateReader reader) => OptionalColumn<T, TCodec>.Read(reader);
}

/// <summary>The order of minima and maxima, in which NaN is below and above everything.</summary>
internal static class Extremes<T, TCodec>
    where TCodec : struct, IValueCodec<T>
{
    /// <summary>Whether a value takes the place of the least so far.</summary>
    public static bool IsLess(T value, T least) =>
        TCodec.IsNaN(value) ? !TCodec.IsNaN(least) : !TCodec.IsNaN(least) && TCodec.Compare(value, least) < 0;

    /// <summary>Whether a value takes the place of the greatest so far.</summary>
    public static bool IsGreater(T value, T greatest) => TCodec.Compare(value, greatest) > 0;
}

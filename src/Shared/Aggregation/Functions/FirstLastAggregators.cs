using Lambda.Aggregation.Sql;
using Lambda.Aggregation.Values;

namespace Lambda.Aggregation.Functions;

/// <summary>The value of the earliest event; null when there is none. Values that claim one moment are told apart by their order: the least wins.</summary>
internal readonly struct FirstAggregator<T, TCodec> : IAggregator<Timed<T>, TimedState<T>, object?>, ITypedResult, ISqlAggregator
    where TCodec : struct, IValueCodec<T>
{
    public string Signature => $"first({TCodec.Name})";

    public IReadOnlyList<StateColumn> StateColumns => TimedColumns<T, TCodec>.Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => SqlValues<T, TCodec>.Picked("{1}, {2}, {3}, {0}");

    public Type ResultType => TCodec.ShownAs;

    public TimedState<T> CreateAccumulator() => default;

    public void Add(ref TimedState<T> accumulator, Timed<T> value)
    {
        if (!accumulator.HasValue || IsBefore(value, in accumulator))
        {
            accumulator = new TimedState<T> { Value = TCodec.Canonical(value.Value), Moment = value.Moment, HasValue = true };
        }
    }

    public void Merge(ref TimedState<T> accumulator, in TimedState<T> other)
    {
        if (other.HasValue)
        {
            Add(ref accumulator, new Timed<T>(other.Value, other.Moment));
        }
    }

    public object? GetResult(in TimedState<T> accumulator) => accumulator.HasValue ? TCodec.Show(accumulator.Value) : null;

    public void Write(in TimedState<T> accumulator, StateWriter writer) => TimedColumns<T, TCodec>.Write(in accumulator, writer);

    public TimedState<T> Read(StateReader reader) => TimedColumns<T, TCodec>.Read(reader);

    private static bool IsBefore(Timed<T> value, in TimedState<T> first)
    {
        int order = value.Moment.CompareTo(first.Moment);
        return order < 0 || (order == 0 && TCodec.Compare(TCodec.Canonical(value.Value), first.Value) < 0);
    }
}

/// <summary>The value of the latest event; null when there is none. Of values that claim one moment the greatest wins.</summary>
internal readonly struct LastAggregator<T, TCodec> : IAggregator<Timed<T>, TimedState<T>, object?>, ITypedResult, ISqlAggregator
    where TCodec : struct, IValueCodec<T>
{
    public string Signature => $"last({TCodec.Name})";

    public IReadOnlyList<StateColumn> StateColumns => TimedColumns<T, TCodec>.Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => SqlValues<T, TCodec>.Picked("{1} DESC, {2} DESC, {3} DESC, {0} DESC");

    public Type ResultType => TCodec.ShownAs;

    public TimedState<T> CreateAccumulator() => default;

    public void Add(ref TimedState<T> accumulator, Timed<T> value)
    {
        if (!accumulator.HasValue || IsAfter(value, in accumulator))
        {
            accumulator = new TimedState<T> { Value = TCodec.Canonical(value.Value), Moment = value.Moment, HasValue = true };
        }
    }

    public void Merge(ref TimedState<T> accumulator, in TimedState<T> other)
    {
        if (other.HasValue)
        {
            Add(ref accumulator, new Timed<T>(other.Value, other.Moment));
        }
    }

    public object? GetResult(in TimedState<T> accumulator) => accumulator.HasValue ? TCodec.Show(accumulator.Value) : null;

    public void Write(in TimedState<T> accumulator, StateWriter writer) => TimedColumns<T, TCodec>.Write(in accumulator, writer);

    public TimedState<T> Read(StateReader reader) => TimedColumns<T, TCodec>.Read(reader);

    private static bool IsAfter(Timed<T> value, in TimedState<T> last)
    {
        int order = value.Moment.CompareTo(last.Moment);
        return order > 0 || (order == 0 && TCodec.Compare(TCodec.Canonical(value.Value), last.Value) > 0);
    }
}

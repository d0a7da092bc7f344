using Lambda.Aggregation.Sql;

namespace Lambda.Aggregation.Functions;

/// <summary>A minimum or maximum of values that answers show as they are: its results are not boxed.</summary>
internal readonly struct NullableExtreme<TAggregator, T> : IAggregator<T, Optional<T>, T?>, ISqlAggregator
    where TAggregator : struct, IAggregator<T, Optional<T>, object?>, ISqlAggregator
    where T : struct
{
    /// <summary>It has no parameters.</summary>
    private static TAggregator Inner => default;

    public string Signature => Inner.Signature;

    public IReadOnlyList<StateColumn> StateColumns => Inner.StateColumns;

    public IReadOnlyList<SqlColumn> SqlColumns => Inner.SqlColumns;

    public Optional<T> CreateAccumulator() => default;

    public void Add(ref Optional<T> accumulator, T value) => Inner.Add(ref accumulator, value);

    public void Merge(ref Optional<T> accumulator, in Optional<T> other) => Inner.Merge(ref accumulator, in other);

    public T? GetResult(in Optional<T> accumulator) => accumulator.HasValue ? accumulator.Value : null;

    public void Write(in Optional<T> accumulator, StateWriter writer) => Inner.Write(in accumulator, writer);

    public Optional<T> Read(StateReader reader) => Inner.Read(reader);
}

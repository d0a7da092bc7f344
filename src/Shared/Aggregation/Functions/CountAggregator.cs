using Lambda.Aggregation.Sharing;
using Lambda.Aggregation.Sql;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>How many rows there are.</summary>
internal readonly struct CountAggregator : IAggregator<Row, long, long>, ISqlAggregator, ICountsValues
{
    public string Signature => "count";

    public IReadOnlyList<StateColumn> StateColumns => CountState.Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => CountState.SqlColumns;

    public long CreateAccumulator() => 0;

    public void Add(ref long accumulator, Row value) => accumulator++;

    public void Merge(ref long accumulator, in long other) => accumulator += other;

    public long GetResult(in long accumulator) => accumulator;

    public void Write(in long accumulator, StateWriter writer) => writer.WriteInt64(accumulator);

    public long Read(StateReader reader) => reader.ReadInt64();
}

/// <summary>How many values are not null.</summary>
internal readonly struct CountValuesAggregator<T> : IAggregator<T, long, long>, ISqlAggregator, ICountsValues
{
    public string Signature => "count(value)";

    public IReadOnlyList<StateColumn> StateColumns => CountState.Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => CountState.SqlColumns;

    public long CreateAccumulator() => 0;

    public void Add(ref long accumulator, T value) => accumulator++;

    public void Merge(ref long accumulator, in long other) => accumulator += other;

    public long GetResult(in long accumulator) => accumulator;

    public void Write(in long accumulator, StateWriter writer) => writer.WriteInt64(accumulator);

    public long Read(StateReader reader) => reader.ReadInt64();
}

internal static class CountState
{
    public static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", ColumnType.Int64)];

    public static readonly IReadOnlyList<SqlColumn> SqlColumns = [new SqlColumn("", "sum({0})::bigint")];
}

/// <summary>How often a condition holds.</summary>
internal readonly struct CountIfAggregator : IAggregator<bool, long, long>, ISqlAggregator
{
    public string Signature => "countif";

    public IReadOnlyList<StateColumn> StateColumns => CountState.Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => CountState.SqlColumns;

    public long CreateAccumulator() => 0;

    public void Add(ref long accumulator, bool value) => accumulator += value ? 1 : 0;

    public void Merge(ref long accumulator, in long other) => accumulator += other;

    public long GetResult(in long accumulator) => accumulator;

    public void Write(in long accumulator, StateWriter writer) => writer.WriteInt64(accumulator);

    public long Read(StateReader reader) => reader.ReadInt64();
}

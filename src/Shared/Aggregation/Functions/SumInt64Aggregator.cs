using Lambda.Aggregation.Sql;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>
/// The exact sum of integers. It is held in 128 bits, which 2^64 values cannot overflow, so that neither the order of events nor how they are
/// cut into partials decides whether a sum can be had.
/// </summary>
internal readonly struct SumInt64Aggregator : IAggregator<long, Int128, Int128>, ISqlAggregator
{
    private static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", ColumnType.Int128)];

    public string Signature => "sum(int64)";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => [new SqlColumn("", "sum({0})")];

    public Int128 CreateAccumulator() => Int128.Zero;

    public void Add(ref Int128 accumulator, long value) => accumulator += value;

    public void Merge(ref Int128 accumulator, in Int128 other) => accumulator += other;

    public Int128 GetResult(in Int128 accumulator) => accumulator;

    public void Write(in Int128 accumulator, StateWriter writer) => writer.WriteInt128(accumulator);

    public Int128 Read(StateReader reader) => reader.ReadInt128();
}

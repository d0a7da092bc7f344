using Lambda.Aggregation;
using Lambda.Events;

namespace Lambda.Bench.Workloads;

/// <summary>The built-in sum of integers, written as a user would write it.</summary>
internal readonly struct PlainSum : IAggregator<long, Int128, Int128>
{
    private static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", ColumnType.Int128)];

    public string Signature => "plain-sum";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public Int128 CreateAccumulator() => 0;

    public void Add(ref Int128 accumulator, long value) => accumulator += value;

    public void Merge(ref Int128 accumulator, in Int128 other) => accumulator += other;

    public Int128 GetResult(in Int128 accumulator) => accumulator;

    public void Write(in Int128 accumulator, StateWriter writer) => writer.WriteInt128(accumulator);

    public Int128 Read(StateReader reader) => reader.ReadInt128();
}

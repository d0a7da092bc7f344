using Lambda.Aggregation.Sharing;
using Lambda.Aggregation.Sql;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>The mean of integers: their exact sum, rounded once to the nearest double, divided by their number. Null when there are none.</summary>
internal readonly struct AverageInt64Aggregator : IAggregator<long, AverageInt64Aggregator.State, double?>, ISqlAggregator, IAnswersOthers
{
    private static readonly IReadOnlyList<StateColumn> Columns =
        [new StateColumn("sum", ColumnType.Int128), new StateColumn("count", ColumnType.Int64)];

    public string Signature => "average(int64)";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => [new SqlColumn("", "sum({0})::double precision / nullif(sum({1}), 0)::double precision")];

    public State CreateAccumulator() => default;

    public void Add(ref State accumulator, long value)
    {
        accumulator.Sum += value;
        accumulator.Count++;
    }

    public void Merge(ref State accumulator, in State other)
    {
        accumulator.Sum += other.Sum;
        accumulator.Count += other.Count;
    }

    public double? GetResult(in State accumulator) => accumulator.Count == 0 ? null : (double)accumulator.Sum / accumulator.Count;

    public void Write(in State accumulator, StateWriter writer)
    {
        writer.WriteInt128(accumulator.Sum);
        writer.WriteInt64(accumulator.Count);
    }

    public State Read(StateReader reader) => new() { Sum = reader.ReadInt128(), Count = reader.ReadInt64() };

    public HeldAnswer? AnswerTo(object aggregator) => aggregator switch
    {
        AverageInt64Aggregator same => HeldAnswer.Of<State, double?>(same.GetResult, 0, 1),
        SumInt64Aggregator sum => HeldAnswer.Of((in State state) => sum.GetResult(in state.Sum), 0),
        ICountsValues => HeldAnswer.Of((in State state) => state.Count, 1),
        _ => null,
    };

    internal struct State
    {
        public Int128 Sum;
        public long Count;
    }
}

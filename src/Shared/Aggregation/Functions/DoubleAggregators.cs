using Lambda.Aggregation.Numerics;
using Lambda.Aggregation.Sharing;
using Lambda.Aggregation.Sql;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>The sum of doubles, exact and rounded once.</summary>
internal readonly struct SumDoubleAggregator : IAggregator<double, ExactDoubleSum, double>, ISqlAggregator
{
    private static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", ColumnType.Bytes)];

    public string Signature => "sum(double)";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => [new SqlColumn("", "rounded_double(sum(exact_double_sum({0})))")];

    public ExactDoubleSum CreateAccumulator() => default;

    public void Add(ref ExactDoubleSum accumulator, double value) => accumulator.Add(value);

    public void Merge(ref ExactDoubleSum accumulator, in ExactDoubleSum other) => accumulator.Merge(in other);

    public double GetResult(in ExactDoubleSum accumulator) => accumulator.ToDouble();

    public void Write(in ExactDoubleSum accumulator, StateWriter writer) => writer.WriteBytes(accumulator.Encode());

    public ExactDoubleSum Read(StateReader reader) => ExactDoubleSum.Decode(reader.ReadBytes());
}

/// <summary>The mean of doubles: their exact sum divided by their number, rounded once. Null when there are none.</summary>
internal readonly struct AverageDoubleAggregator : IAggregator<double, AverageDoubleAggregator.State, double?>, ISqlAggregator, IAnswersOthers
{
    private static readonly IReadOnlyList<StateColumn> Columns =
        [new StateColumn("sum", ColumnType.Bytes), new StateColumn("count", ColumnType.Int64)];

    public string Signature => "average(double)";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => [new SqlColumn("", "rounded_double(exact_quotient(sum(exact_double_sum({0})), sum({1})))")];

    public State CreateAccumulator() => default;

    public void Add(ref State accumulator, double value)
    {
        accumulator.Sum.Add(value);
        accumulator.Count++;
    }

    public void Merge(ref State accumulator, in State other)
    {
        accumulator.Sum.Merge(in other.Sum);
        accumulator.Count += other.Count;
    }

    public double? GetResult(in State accumulator) => accumulator.Count == 0 ? null : accumulator.Sum.DivideToDouble(accumulator.Count);

    public void Write(in State accumulator, StateWriter writer)
    {
        writer.WriteBytes(accumulator.Sum.Encode());
        writer.WriteInt64(accumulator.Count);
    }

    public State Read(StateReader reader) => new() { Sum = ExactDoubleSum.Decode(reader.ReadBytes()), Count = reader.ReadInt64() };

    public HeldAnswer? AnswerTo(object aggregator) => aggregator switch
    {
        AverageDoubleAggregator same => HeldAnswer.Of<State, double?>(same.GetResult, 0, 1),
        SumDoubleAggregator sum => HeldAnswer.Of((in State state) => sum.GetResult(in state.Sum), 0),
        ICountsValues => HeldAnswer.Of((in State state) => state.Count, 1),
        _ => null,
    };

    internal struct State
    {
        public ExactDoubleSum Sum;
        public long Count;
    }
}

using Lambda.Aggregation.Numerics;
using Lambda.Aggregation.Sharing;
using Lambda.Aggregation.Sql;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>The sum of decimals, exact and rounded once. A sum beyond the range of a decimal has no result.</summary>
internal readonly struct SumDecimalAggregator : IAggregator<decimal, ExactDecimalSum, decimal?>, ISqlAggregator
{
    private static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", ColumnType.Bytes)];

    public string Signature => "sum(decimal)";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => [new SqlColumn("", "rounded_decimal(sum(exact_decimal_sum({0})))")];

    public ExactDecimalSum CreateAccumulator() => default;

    public void Add(ref ExactDecimalSum accumulator, decimal value) => accumulator.Add(value);

    public void Merge(ref ExactDecimalSum accumulator, in ExactDecimalSum other) => accumulator.Merge(in other);

    public decimal? GetResult(in ExactDecimalSum accumulator) => accumulator.TryToDecimal(out decimal sum) ? sum : null;

    public void Write(in ExactDecimalSum accumulator, StateWriter writer) => writer.WriteBytes(accumulator.Encode());

    public ExactDecimalSum Read(StateReader reader) => ExactDecimalSum.Decode(reader.ReadBytes());
}

/// <summary>The mean of decimals: their exact sum divided by their number, rounded once, half to even. Null when there are none.</summary>
internal readonly struct AverageDecimalAggregator : IAggregator<decimal, AverageDecimalAggregator.State, decimal?>, ISqlAggregator, IAnswersOthers
{
    private static readonly IReadOnlyList<StateColumn> Columns =
        [new StateColumn("sum", ColumnType.Bytes), new StateColumn("count", ColumnType.Int64)];

    public string Signature => "average(decimal)";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public IReadOnlyList<SqlColumn> SqlColumns => [new SqlColumn("", "rounded_decimal(exact_quotient(sum(exact_decimal_sum({0})), sum({1})))")];

    public State CreateAccumulator() => default;

    public void Add(ref State accumulator, decimal value)
    {
        accumulator.Sum.Add(value);
        accumulator.Count++;
    }

    public void Merge(ref State accumulator, in State other)
    {
        accumulator.Sum.Merge(in other.Sum);
        accumulator.Count += other.Count;
    }

    public decimal? GetResult(in State accumulator) => accumulator.Count == 0 ? null : accumulator.Sum.DivideToDecimal(accumulator.Count);

    public void Write(in State accumulator, StateWriter writer)
    {
        writer.WriteBytes(accumulator.Sum.Encode());
        writer.WriteInt64(accumulator.Count);
    }

    public State Read(StateReader reader) => new() { Sum = ExactDecimalSum.Decode(reader.ReadBytes()), Count = reader.ReadInt64() };

    public HeldAnswer? AnswerTo(object aggregator) => aggregator switch
    {
        AverageDecimalAggregator same => HeldAnswer.Of<State, decimal?>(same.GetResult, 0, 1),
        SumDecimalAggregator sum => HeldAnswer.Of((in State state) => sum.GetResult(in state.Sum), 0),
        ICountsValues => HeldAnswer.Of((in State state) => state.Count, 1),
        _ => null,
    };

    internal struct State
    {
        public ExactDecimalSum Sum;
        public long Count;
    }
}

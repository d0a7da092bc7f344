using Lambda.Aggregation;
using Lambda.Events;

namespace Lambda.Tests.Documentation;

/// <summary>A value and how much it counts.</summary>
internal readonly record struct Weighted(int Value, int Weight);

/// <summary>Σ value · weight / Σ weight; null where the weights are 0. The aggregator that docs/aggregates.md shows.</summary>
internal readonly struct WeightedMean : IAggregator<Weighted, WeightedMean.State, double?>
{
    private static readonly IReadOnlyList<StateColumn> Columns =
        [new StateColumn("sum", ColumnType.Int128), new StateColumn("weights", ColumnType.Int64)];

    public string Signature => "weighted-mean";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public State CreateAccumulator() => default;

    public void Add(ref State accumulator, Weighted value)
    {
        accumulator.Sum += (long)value.Value * value.Weight;
        accumulator.Weights += value.Weight;
    }

    public void Merge(ref State accumulator, in State other)
    {
        accumulator.Sum += other.Sum;
        accumulator.Weights += other.Weights;
    }

    public double? GetResult(in State accumulator) =>
        accumulator.Weights == 0 ? null : (double)accumulator.Sum / accumulator.Weights;

    public void Write(in State accumulator, StateWriter writer)
    {
        writer.WriteInt128(accumulator.Sum);
        writer.WriteInt64(accumulator.Weights);
    }

    public State Read(StateReader reader) => new() { Sum = reader.ReadInt128(), Weights = reader.ReadInt64() };

    public struct State
    {
        public Int128 Sum;
        public long Weights;
    }
}

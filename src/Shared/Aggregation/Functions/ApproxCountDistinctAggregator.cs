using Lambda.Aggregation.Numerics;
using Lambda.Aggregation.Values;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>About how many different values there are, in bounded memory; see <see cref="DistinctSketch"/>.</summary>
internal readonly struct ApproxCountDistinctAggregator<T, TCodec> : IAggregator<T, DistinctSketch, long>, IIdempotent
    where TCodec : struct, IValueCodec<T>
{
    private static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", ColumnType.Bytes)];

    public string Signature => $"approxcountdistinct({TCodec.Name}, 14)";

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public DistinctSketch CreateAccumulator() => default;

    public void Add(ref DistinctSketch accumulator, T value) => accumulator.Add(TCodec.Hash(TCodec.Canonical(value)));

    public void Merge(ref DistinctSketch accumulator, in DistinctSketch other) => accumulator.Merge(in other);

    public long GetResult(in DistinctSketch accumulator) => accumulator.Estimate();

    public void Write(in DistinctSketch accumulator, StateWriter writer) => writer.WriteBytes(accumulator.Encode());

    public DistinctSketch Read(StateReader reader) => DistinctSketch.Decode(reader.ReadBytes());
}

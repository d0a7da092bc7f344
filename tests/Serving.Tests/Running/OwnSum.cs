using Lambda.Aggregation;
using Lambda.Events;

namespace Lambda.Serving.Tests.Running;

/// <summary>A sum of an application's own, with the result that a test wants for it.</summary>
internal sealed class OwnSum<TResult>(string name, Func<long, TResult> result) : IAggregator<long, long, TResult>
{
    public string Signature => name;

    public IReadOnlyList<StateColumn> StateColumns => [new("", ColumnType.Int64)];

    public long CreateAccumulator() => 0;

    public void Add(ref long accumulator, long value) => accumulator += value;

    public void Merge(ref long accumulator, in long other) => accumulator += other;

    public TResult GetResult(in long accumulator) => result(accumulator);

    public void Write(in long accumulator, StateWriter writer) => writer.WriteInt64(accumulator);

    public long Read(StateReader reader) => reader.ReadInt64();
}

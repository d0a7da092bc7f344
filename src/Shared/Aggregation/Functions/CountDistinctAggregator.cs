using Lambda.Aggregation.Collections;
using Lambda.Aggregation.Encoding;
using Lambda.Aggregation.Values;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>How many different values there are, exactly: it keeps each of them.</summary>
internal readonly struct CountDistinctAggregator<T, TCodec> : IAggregator<T, ValueTable<T, TCodec>, long>, IIdempotent, IOwnState
    where TCodec : struct, IValueCodec<T>
{
    public string Signature => $"countdistinct({TCodec.Name})";

    public IReadOnlyList<StateColumn> StateColumns => DistinctEncoding.Columns;

    public ValueTable<T, TCodec> CreateAccumulator() => default;

    public void Add(ref ValueTable<T, TCodec> accumulator, T value) => accumulator.FindOrAdd(TCodec.Canonical(value));

    public void Merge(ref ValueTable<T, TCodec> accumulator, in ValueTable<T, TCodec> other)
    {
        foreach (T value in other.Values)
        {
            accumulator.FindOrAdd(value);
        }
    }

    public long GetResult(in ValueTable<T, TCodec> accumulator) => accumulator.Count;

    public void Write(in ValueTable<T, TCodec> accumulator, StateWriter writer)
    {
        ByteWriter bytes = new(DistinctEncoding.Version);
        bytes.WriteUnsigned((ulong)accumulator.Count);
        foreach (int place in accumulator.InOrder())
        {
            TCodec.Write(accumulator.Values[place], bytes);
        }

        writer.WriteBytes(bytes.ToArray());
    }

    public ValueTable<T, TCodec> Read(StateReader reader)
    {
        ByteReader bytes = new(reader.ReadBytes(), DistinctEncoding.Version, DistinctEncoding.What);
        ValueTable<T, TCodec> values = default;
        int count = bytes.ReadCount();
        for (int i = 0; i < count; i++)
        {
            values.FindOrAdd(TCodec.Read(ref bytes));
        }

        bytes.End();
        return values.Count == count ? values : throw bytes.Malformed("a value is listed twice");
    }

    public AggregateState CreateState() => this is CountDistinctAggregator<string, StringCodec> texts
        ? new DistinctTextState(texts)
        : new AggregateState<CountDistinctAggregator<T, TCodec>, T, ValueTable<T, TCodec>, long>(this);
}

/// <summary>Sets of values at rest: their number, then each once, in their order.</summary>
internal static class DistinctEncoding
{
    public const byte Version = 1;
    public const string What = "an encoded set of values";

    public static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", ColumnType.Bytes)];
}

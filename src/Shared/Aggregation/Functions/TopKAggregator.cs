using System.Globalization;
using Lambda.Aggregation.Collections;
using Lambda.Aggregation.Encoding;
using Lambda.Aggregation.Values;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>
/// The values that most events have, with exact counts. Every value is counted until there are more than <paramref name="cap"/> different ones; then
/// all counts are given up and there is no result. Whether that happens depends on the values only, not on their order or on how they were cut into
/// partials, which no summary that evicts values can say of itself.
/// </summary>
/// <param name="k">How many values the result has at most.</param>
/// <param name="cap">The most different values that are counted.</param>
internal readonly struct TopKAggregator<T, TCodec>(int k, int cap) : IAggregator<T, TopKState<T, TCodec>, ValueList<ValueCount>?>
    where TCodec : struct, IValueCodec<T>
{
    private const byte Version = 1;

    private static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", ColumnType.Bytes)];

    public string Signature => string.Create(CultureInfo.InvariantCulture, $"topk({TCodec.Name}, {k}, {cap})");

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public TopKState<T, TCodec> CreateAccumulator() => default;

    public void Add(ref TopKState<T, TCodec> accumulator, T value)
    {
        if (!accumulator.IsGivenUp)
        {
            accumulator.Counts.Add(TCodec.Canonical(value), 1);
            GiveUpBeyondCap(ref accumulator);
        }
    }

    public void Merge(ref TopKState<T, TCodec> accumulator, in TopKState<T, TCodec> other)
    {
        if (accumulator.IsGivenUp || other.IsGivenUp)
        {
            accumulator.Counts.Clear();
            accumulator.IsGivenUp = true;
            return;
        }

        accumulator.Counts.Merge(in other.Counts);
        GiveUpBeyondCap(ref accumulator);
    }

    public ValueList<ValueCount>? GetResult(in TopKState<T, TCodec> accumulator)
    {
        if (accumulator.IsGivenUp)
        {
            return null;
        }

        // Ordered by value first and then stably by count, so that the lesser of equally frequent values comes first.
        List<ValueCount> most = [];
        long[] counts = accumulator.Counts.Counts.ToArray();
        foreach (int place in accumulator.Counts.InOrder().OrderByDescending(place => counts[place]).Take(k))
        {
            most.Add(new ValueCount(TCodec.Show(accumulator.Counts.Values[place]), counts[place]));
        }

        return new ValueList<ValueCount>(most);
    }

    public void Write(in TopKState<T, TCodec> accumulator, StateWriter writer)
    {
        ByteWriter bytes = new(Version);
        bytes.Take(1)[0] = accumulator.IsGivenUp ? (byte)1 : (byte)0;
        accumulator.Counts.Write(bytes);
        writer.WriteBytes(bytes.ToArray());
    }

    public TopKState<T, TCodec> Read(StateReader reader)
    {
        ByteReader bytes = new(reader.ReadBytes(), Version, "an encoded count of values");
        byte flag = bytes.Take(1)[0];
        TopKState<T, TCodec> state = new() { IsGivenUp = flag == 1, Counts = CountTable<T, TCodec>.Read(ref bytes) };
        bytes.End();
        return flag > 1 || (state.IsGivenUp && state.Counts.Count > 0) ? throw bytes.Malformed("its flag is none") : state;
    }

    private void GiveUpBeyondCap(ref TopKState<T, TCodec> accumulator)
    {
        if (accumulator.Counts.Count > cap)
        {
            accumulator.Counts.Clear();
            accumulator.IsGivenUp = true;
        }
    }
}

/// <summary>How often each value was seen; nothing once there were too many of them.</summary>
internal struct TopKState<T, TCodec>
    where TCodec : struct, IValueCodec<T>
{
    public CountTable<T, TCodec> Counts;
    public bool IsGivenUp;
}

using System.Globalization;
using Lambda.Aggregation.Encoding;
using Lambda.Aggregation.Values;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>
/// The different values; of more than <paramref name="cap"/> the least. Which these are does not depend on order, nor does whether there were more.
/// </summary>
/// <param name="cap">How many values are kept at most; at least 1.</param>
internal readonly struct CollectSetAggregator<T, TCodec>(int cap) : IAggregator<T, CollectSetState<T>, CollectedSet>
    where TCodec : struct, IValueCodec<T>
{
    private const byte Version = 1;

    private static readonly IReadOnlyList<StateColumn> Columns = [new StateColumn("", ColumnType.Bytes)];

    public string Signature => string.Create(CultureInfo.InvariantCulture, $"collectset({TCodec.Name}, {cap})");

    public IReadOnlyList<StateColumn> StateColumns => Columns;

    public CollectSetState<T> CreateAccumulator() => default;

    public void Add(ref CollectSetState<T> accumulator, T value) => Insert(ref accumulator, TCodec.Canonical(value));

    public void Merge(ref CollectSetState<T> accumulator, in CollectSetState<T> other)
    {
        accumulator.IsCut |= other.IsCut;
        foreach (T value in other.Values.AsSpan(0, other.Count))
        {
            Insert(ref accumulator, value);
        }
    }

    public CollectedSet GetResult(in CollectSetState<T> accumulator)
    {
        object[] shown = new object[accumulator.Count];
        for (int i = 0; i < shown.Length; i++)
        {
            shown[i] = TCodec.Show(accumulator.Values![i]);
        }

        return new CollectedSet(new ValueList<object>(shown), accumulator.IsCut);
    }

    public void Write(in CollectSetState<T> accumulator, StateWriter writer)
    {
        ByteWriter bytes = new(Version);
        bytes.Take(1)[0] = accumulator.IsCut ? (byte)1 : (byte)0;
        bytes.WriteUnsigned((ulong)accumulator.Count);
        foreach (T value in accumulator.Values.AsSpan(0, accumulator.Count))
        {
            TCodec.Write(value, bytes);
        }

        writer.WriteBytes(bytes.ToArray());
    }

    public CollectSetState<T> Read(StateReader reader)
    {
        ByteReader bytes = new(reader.ReadBytes(), Version, DistinctEncoding.What);
        CollectSetState<T> state = new() { IsCut = bytes.Take(1)[0] == 1 };
        int count = bytes.ReadCount();
        for (int i = 0; i < count; i++)
        {
            Insert(ref state, TCodec.Read(ref bytes));
        }

        bytes.End();
        return state.Count == count ? state : throw bytes.Malformed($"it has not {count} different values");
    }

    private void Insert(ref CollectSetState<T> state, T value)
    {
        // Full, and the value is above all that are kept: the usual case of a set that is cut.
        if (state.Count == cap && TCodec.Compare(value, state.Values![cap - 1]) > 0)
        {
            state.IsCut = true;
            return;
        }

        int place = PlaceOf(in state, value);
        if (place < state.Count && TCodec.Compare(state.Values![place], value) == 0)
        {
            return;
        }

        if (state.Count == cap)
        {
            state.IsCut = true;
            state.Count--;
        }

        if (state.Values is null || state.Count == state.Values.Length)
        {
            Array.Resize(ref state.Values, Math.Min(cap, Math.Max(4, state.Count * 2)));
        }

        Array.Copy(state.Values, place, state.Values, place + 1, state.Count - place);
        state.Values[place] = value;
        state.Count++;
    }

    /// <summary>Where the first value stands that is not below this one.</summary>
    private static int PlaceOf(in CollectSetState<T> state, T value)
    {
        int low = 0;
        int high = state.Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (TCodec.Compare(state.Values![middle], value) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}

/// <summary>Different values in order.</summary>
internal struct CollectSetState<T>
{
    public T[]? Values;
    public int Count;
    public bool IsCut;
}

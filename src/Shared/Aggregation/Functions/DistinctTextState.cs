using Lambda.Aggregation.Collections;
using Lambda.Aggregation.Values;
using Lambda.Events;

namespace Lambda.Aggregation.Functions;

/// <summary>
/// Sets of texts. Texts of a column are kept as the ids that they have in its dictionary, so that no text is hashed or compared; they are looked up when
/// a state is written, and when sets with ids of different dictionaries come together.
/// </summary>
/// <remarks>
/// Invariant: the set of a slot is the union of its accumulator and of the texts of its ids; one text may be in both.
/// </remarks>
internal sealed class DistinctTextState(CountDistinctAggregator<string, StringCodec> aggregator)
    : AggregateState<CountDistinctAggregator<string, StringCodec>, string, ValueTable<string, StringCodec>, long>(aggregator)
{
    private readonly IdSets _ids = new();

    public override void EnsureSlots(int slots)
    {
        base.EnsureSlots(slots);
        _ids.EnsureSlots(slots);
    }

    public override void Add(ReadOnlySpan<int> slots, AggregateInput input)
    {
        if (input is TextInput texts && TakesIdsOf(texts.Dictionary))
        {
            _ids.Add(slots, texts.Ids);
        }
        else
        {
            base.Add(slots, input);
        }
    }

    public override void Merge(int slot, AggregateState other, int otherSlot) => Merge([slot], other, [otherSlot]);

    public override void Merge(ReadOnlySpan<int> slots, AggregateState other, ReadOnlySpan<int> otherSlots)
    {
        DistinctTextState from = (DistinctTextState)other;
        bool byId = from._ids is { IsInUse: true, Dictionary: { } dictionary } && TakesIdsOf(dictionary);
        for (int i = 0; i < slots.Length; i++)
        {
            if (byId)
            {
                _ids.Merge(slots[i], from._ids, otherSlots[i]);
            }
            else
            {
                from.Spill(otherSlots[i]);
            }
        }

        base.Merge(slots, other, otherSlots);
    }

    public override void Write(int slot, StateWriter writer)
    {
        Spill(slot);
        base.Write(slot, writer);
    }

    public override object? GetResult(int slot) => CountOf(slot);

    public override void WriteResults(ReadOnlySpan<int> slots, ResultColumn destination)
    {
        Span<long> results = ((ResultColumn<long>)destination).Append(slots.Length);
        for (int i = 0; i < slots.Length; i++)
        {
            results[i] = CountOf(slots[i]);
        }
    }

    public override void Keep(ReadOnlySpan<int> slots)
    {
        base.Keep(slots);
        _ids.Keep(slots);
    }

    public override void Clear()
    {
        base.Clear();
        _ids.Clear();
    }

    private bool TakesIdsOf(StringDictionary dictionary)
    {
        if (_ids.Dictionary != dictionary)
        {
            SpillAll();
            _ids.Use(dictionary);
        }

        if (_ids.TryCover())
        {
            return true;
        }

        SpillAll();
        _ids.Leave();
        return false;
    }

    private long CountOf(int slot)
    {
        if (Accumulator(slot).Count == 0)
        {
            return _ids.Count(slot);
        }

        Spill(slot);
        return Accumulator(slot).Count;
    }

    private void SpillAll()
    {
        for (int slot = 0; slot < _ids.Slots && _ids.IsInUse; slot++)
        {
            Spill(slot);
        }
    }

    private void Spill(int slot)
    {
        if (_ids.IsInUse)
        {
            _ids.Spill(slot, ref Accumulator(slot));
        }
    }
}

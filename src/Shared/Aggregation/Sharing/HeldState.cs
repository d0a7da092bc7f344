namespace Lambda.Aggregation.Sharing;

/// <summary>
/// The results of an aggregate that are read off the accumulators of another. Nothing is added, merged, kept or written here: all of it happens to the
/// accumulators of the holder, which whoever has these results has, too.
/// </summary>
internal sealed class HeldState<TAccumulator, TResult>(IAccumulators<TAccumulator> holder, AccumulatorResult<TAccumulator, TResult> result) : AggregateState
{
    public override void EnsureSlots(int slots)
    {
    }

    public override void Add(ReadOnlySpan<int> slots, AggregateInput input)
    {
    }

    public override void Merge(int slot, StateReader reader)
    {
    }

    public override void Merge(int slot, AggregateState other, int otherSlot)
    {
    }

    public override void Merge(ReadOnlySpan<int> slots, AggregateState other, ReadOnlySpan<int> otherSlots)
    {
    }

    public override void Write(int slot, StateWriter writer)
    {
    }

    public override object? GetResult(int slot) => result(in holder.Accumulators[slot]);

    public override ResultColumn CreateResults() => new ResultColumn<TResult>();

    public override void WriteResults(ReadOnlySpan<int> slots, ResultColumn destination)
    {
        ReadOnlySpan<TAccumulator> accumulators = holder.Accumulators;
        Span<TResult> results = ((ResultColumn<TResult>)destination).Append(slots.Length);
        for (int i = 0; i < slots.Length; i++)
        {
            results[i] = result(in accumulators[slots[i]]);
        }
    }

    public override void Keep(ReadOnlySpan<int> slots)
    {
    }

    public override void Clear()
    {
    }
}

using Lambda.Aggregation.Sharing;
using Lambda.Events;
using Lambda.Expressions;

namespace Lambda.Aggregation;

/// <summary>The accumulators of one aggregate, as a column indexed by slot.</summary>
internal abstract class AggregateState
{
    /// <summary>Makes room for that many slots; new ones hold the accumulator of no input.</summary>
    public abstract void EnsureSlots(int slots);

    /// <summary>Adds one value per row: row i's value to slot <c>slots[i]</c>, unless it is null.</summary>
    public abstract void Add(ReadOnlySpan<int> slots, AggregateInput input);

    /// <summary>Merges a stored state into a slot.</summary>
    public abstract void Merge(int slot, StateReader reader);

    /// <summary>Merges a slot of another column of the same function into a slot.</summary>
    public abstract void Merge(int slot, AggregateState other, int otherSlot);

    /// <summary>Writes the state of a slot.</summary>
    public abstract void Write(int slot, StateWriter writer);

    /// <summary>The result of a slot, boxed.</summary>
    public abstract object? GetResult(int slot);

    /// <summary>Creates an empty column for results.</summary>
    public abstract ResultColumn CreateResults();

    /// <summary>Adds the results of slots to a column that <see cref="CreateResults"/> of the same function made.</summary>
    public abstract void WriteResults(ReadOnlySpan<int> slots, ResultColumn destination);

    /// <summary>Merges slots of another column of the same function: slot <c>otherSlots[i]</c> into slot <c>slots[i]</c>.</summary>
    public abstract void Merge(ReadOnlySpan<int> slots, AggregateState other, ReadOnlySpan<int> otherSlots);

    /// <summary>Forgets all slots but some, which are numbered anew in their order.</summary>
    /// <param name="slots">Those that stay, ascending.</param>
    public abstract void Keep(ReadOnlySpan<int> slots);

    /// <summary>Makes all slots empty again.</summary>
    public abstract void Clear();
}

/// <summary>The values that an aggregate takes from a batch of events.</summary>
internal abstract class AggregateInput;

/// <summary>Values by row, with the nulls marked.</summary>
internal class AggregateInput<TInput> : AggregateInput
{
    /// <summary>Per row the value.</summary>
    public virtual TInput[] Values { get; set; } = [];

    /// <summary>Per row whether the value is null; null when none can be.</summary>
    public virtual bool[]? Nulls { get; set; }
}

/// <inheritdoc/>
internal class AggregateState<TAggregator, TInput, TAccumulator, TResult>(TAggregator aggregator)
    : AggregateState, IRehearsal, IAccumulators<TAccumulator>
    where TAggregator : IAggregator<TInput, TAccumulator, TResult>
{
    private TAccumulator[] _accumulators = [];

    /// <summary>Made when texts of a column are first added to an aggregate that takes each value once.</summary>
    private SeenPairs? _seen;

    /// <summary>Slots below this hold accumulators; those above are not initialised.</summary>
    private int _count;

    ReadOnlySpan<TAccumulator> IAccumulators<TAccumulator>.Accumulators => _accumulators;

    public override void EnsureSlots(int slots)
    {
        if (slots > _accumulators.Length)
        {
            Array.Resize(ref _accumulators, Math.Max(slots, Math.Max(16, _accumulators.Length * 2)));
        }

        for (; _count < slots; _count++)
        {
            _accumulators[_count] = aggregator.CreateAccumulator();
        }
    }

    public override void Add(ReadOnlySpan<int> slots, AggregateInput input)
    {
        TAccumulator[] accumulators = _accumulators;
        if (typeof(TInput) == typeof(Row))
        {
            foreach (int slot in slots)
            {
                aggregator.Add(ref accumulators[slot], default!);
            }

            return;
        }

        AggregateInput<TInput> typed = (AggregateInput<TInput>)input;
        if (aggregator is IIdempotent && typed is TextInput texts)
        {
            AddUnseen(slots, texts, _seen ??= new SeenPairs());
            return;
        }

        ReadOnlySpan<TInput> values = typed.Values.AsSpan(0, slots.Length);
        if (typed.Nulls is { } nulls)
        {
            for (int i = 0; i < slots.Length; i++)
            {
                if (!nulls[i])
                {
                    aggregator.Add(ref accumulators[slots[i]], values[i]);
                }
            }

            return;
        }

        for (int i = 0; i < slots.Length; i++)
        {
            aggregator.Add(ref accumulators[slots[i]], values[i]);
        }
    }

    public void Rehearse(int count, AggregateInput input, KernelProgress progress)
    {
        AggregateInput<TInput> typed = (AggregateInput<TInput>)input;
        ReadOnlySpan<TInput> values = typed.Values.AsSpan(0, count);
        bool[]? nulls = typed.Nulls;
        while (progress.Next < count)
        {
            int first = progress.Next;
            TAccumulator trial = aggregator.CreateAccumulator();
            try
            {
                for (; progress.Next < count; progress.Next++)
                {
                    if (nulls is null || !nulls[progress.Next])
                    {
                        aggregator.Add(ref trial, values[progress.Next]);
                    }
                }
            }
            catch (Exception error) when (progress.Next > first && error is not OutOfMemoryException)
            {
                // What is thrown for the first value of a new accumulator is let through.
            }
        }
    }

    public override void Merge(int slot, StateReader reader) => aggregator.Merge(ref _accumulators[slot], aggregator.Read(reader));

    public override void Merge(int slot, AggregateState other, int otherSlot) => aggregator.Merge(
        ref _accumulators[slot], in ((AggregateState<TAggregator, TInput, TAccumulator, TResult>)other)._accumulators[otherSlot]);

    public override void Write(int slot, StateWriter writer) => aggregator.Write(in _accumulators[slot], writer);

    public override object? GetResult(int slot) => aggregator.GetResult(in _accumulators[slot]);

    public override ResultColumn CreateResults() =>
        aggregator is IColumnarResult<TAccumulator> columnar ? columnar.CreateResults() : new ResultColumn<TResult>();

    public override void WriteResults(ReadOnlySpan<int> slots, ResultColumn destination)
    {
        if (aggregator is IColumnarResult<TAccumulator> columnar)
        {
            columnar.WriteResults(_accumulators, slots, destination);
            return;
        }

        TAccumulator[] accumulators = _accumulators;
        Span<TResult> results = ((ResultColumn<TResult>)destination).Append(slots.Length);
        for (int i = 0; i < slots.Length; i++)
        {
            results[i] = aggregator.GetResult(in accumulators[slots[i]]);
        }
    }

    public override void Merge(ReadOnlySpan<int> slots, AggregateState other, ReadOnlySpan<int> otherSlots)
    {
        TAccumulator[] accumulators = _accumulators;
        TAccumulator[] others = ((AggregateState<TAggregator, TInput, TAccumulator, TResult>)other)._accumulators;
        for (int i = 0; i < slots.Length; i++)
        {
            aggregator.Merge(ref accumulators[slots[i]], in others[otherSlots[i]]);
        }
    }

    public override void Keep(ReadOnlySpan<int> slots)
    {
        for (int i = 0; i < slots.Length; i++)
        {
            _accumulators[i] = _accumulators[slots[i]];
        }

        Array.Clear(_accumulators, slots.Length, _count - slots.Length);
        _count = slots.Length;
        _seen?.Clear();
    }

    public override void Clear()
    {
        Array.Clear(_accumulators, 0, _count);
        _count = 0;
        _seen?.Clear();
    }

    /// <summary>The accumulator of a slot.</summary>
    protected ref TAccumulator Accumulator(int slot) => ref _accumulators[slot];

    private void AddUnseen(ReadOnlySpan<int> slots, TextInput texts, SeenPairs seen)
    {
        ReadOnlySpan<long> ids = texts.Ids;
        seen.Use(texts.Dictionary);
        for (int i = 0; i < slots.Length; i++)
        {
            if (ids[i] != StringDictionary.Null && seen.IsNew(slots[i], ids[i]))
            {
                aggregator.Add(ref _accumulators[slots[i]], (TInput)(object)texts.Dictionary.GetString((int)ids[i])!);
            }
        }
    }
}

namespace Lambda.Aggregation.Sharing;

/// <summary>How the result of one aggregator is read off the state of another.</summary>
/// <param name="columns">Per state column that the aggregator would have, which one of the holder's it is.</param>
internal abstract class HeldAnswer(IReadOnlyList<int> columns)
{
    /// <summary>Per state column that the aggregator would have, which one of the holder's it is.</summary>
    public IReadOnlyList<int> Columns => columns;

    /// <summary>The results over the accumulators of the holder.</summary>
    public abstract AggregateState Over(AggregateState holder);

    /// <summary>An answer by a function of the holder's accumulator.</summary>
    public static HeldAnswer Of<TAccumulator, TResult>(AccumulatorResult<TAccumulator, TResult> result, params int[] columns) =>
        new HeldAnswer<TAccumulator, TResult>(result, columns);
}

/// <inheritdoc/>
internal sealed class HeldAnswer<TAccumulator, TResult>(AccumulatorResult<TAccumulator, TResult> result, IReadOnlyList<int> columns) : HeldAnswer(columns)
{
    public override AggregateState Over(AggregateState holder) => new HeldState<TAccumulator, TResult>((IAccumulators<TAccumulator>)holder, result);
}

/// <summary>The result of an accumulator.</summary>
internal delegate TResult AccumulatorResult<TAccumulator, out TResult>(in TAccumulator accumulator);

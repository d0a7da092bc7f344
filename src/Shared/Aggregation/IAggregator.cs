namespace Lambda.Aggregation;

/// <summary>
/// An aggregate function over mergeable state. The built-in ones and those of users implement the same interface and are treated alike.
/// </summary>
/// <typeparam name="TInput">What is aggregated; nulls are skipped before they get here.</typeparam>
/// <typeparam name="TAccumulator">The state. Make it a struct: it lives in an array and is updated in place.</typeparam>
/// <typeparam name="TResult">What queries return.</typeparam>
/// <remarks>
/// Laws, which both layers rely on. <c>Merge</c> is associative and commutative, a new accumulator is its identity, and merging the
/// accumulators of two parts of the input gives the accumulator of the whole, in the sense that <see cref="GetResult"/> and
/// <see cref="Write"/> give the same bits. An implementation is stateless and deterministic; make it a struct, so that the loop over rows is
/// compiled for it without a virtual call. <see cref="Add"/> may refuse a value by throwing: the event then goes to quarantine and counts in no view.
/// Whether it refuses a value depends on the value alone, never on those before it, because these come in any order and partials are cut anywhere; so a
/// state does not overflow. Nothing else throws, except <see cref="Read"/> for what is no state: what has no result, <see cref="GetResult"/> says. From
/// an aggregator that breaks this, an <see cref="AggregatorException"/> comes out of the batch run, the query or the speed layer's partition.
/// </remarks>
public interface IAggregator<TInput, TAccumulator, TResult>
{
    /// <summary>
    /// Names the function and its parameters, for example <c>sum(int64)</c>. It is part of a view's definition hash: change it when the
    /// meaning of the state changes.
    /// </summary>
    string Signature { get; }

    /// <summary>The columns that <see cref="Write"/> fills and <see cref="Read"/> takes, in that order.</summary>
    IReadOnlyList<StateColumn> StateColumns { get; }

    /// <summary>The accumulator of no input.</summary>
    TAccumulator CreateAccumulator();

    /// <summary>Adds one value, or throws for one that it does not take. Every event is tried on another accumulator first.</summary>
    void Add(ref TAccumulator accumulator, TInput value);

    /// <summary>Adds what <paramref name="other"/> has seen; <paramref name="other"/> stays as it is and shares nothing with the result.</summary>
    void Merge(ref TAccumulator accumulator, in TAccumulator other);

    /// <summary>The result; null where there is none, as for the minimum of nothing.</summary>
    TResult GetResult(in TAccumulator accumulator);

    /// <summary>Writes the state, one value per column. Equal states give equal values.</summary>
    void Write(in TAccumulator accumulator, StateWriter writer);

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    /// <exception cref="FormatException">The values are not a state of this aggregator.</exception>
    TAccumulator Read(StateReader reader);
}

using Lambda.Expressions;

namespace Lambda.Aggregation;

/// <summary>Finds out which values an aggregator refuses, before any of them is counted anywhere.</summary>
internal interface IRehearsal
{
    /// <summary>
    /// Adds the first <paramref name="count"/> values, from <c>progress.Next</c> on, to an accumulator that is then thrown away, and lets through what
    /// the aggregator throws for a value that it does not take into a new accumulator either. One that it refuses only after others is passed over:
    /// where partials are cut must not decide which events count.
    /// </summary>
    void Rehearse(int count, AggregateInput input, KernelProgress progress);
}

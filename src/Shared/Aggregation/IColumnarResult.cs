namespace Lambda.Aggregation;

/// <summary>An aggregator that declares its results as objects, but can give many of them as a column of their own type.</summary>
internal interface IColumnarResult<TAccumulator>
{
    /// <summary>Creates an empty column.</summary>
    ResultColumn CreateResults();

    /// <summary>Adds the results of accumulators to a column that <see cref="CreateResults"/> made.</summary>
    void WriteResults(TAccumulator[] accumulators, ReadOnlySpan<int> slots, ResultColumn destination);
}

namespace Lambda.Store;

/// <summary>A figure of a generation that went live, as a point of the metric's history.</summary>
/// <param name="Metric">What was measured, for example <c>mean of delay</c>.</param>
/// <param name="Generation">The generation.</param>
/// <param name="MeasuredAt">When, in UTC.</param>
/// <param name="Value">The figure.</param>
/// <param name="Distribution">How the values were distributed; null for metrics that are one figure.</param>
internal sealed record MetricPoint(string Metric, long Generation, DateTimeOffset MeasuredAt, double Value, Distribution? Distribution);

/// <summary>What a check measured for the history of a metric.</summary>
/// <param name="Metric">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Distribution">How the values are distributed; null for metrics that are one figure.</param>
internal sealed record MetricValue(string Metric, double Value, Distribution? Distribution = null);

/// <summary>How many values fall into each of some bins.</summary>
/// <param name="Edges">
/// For numbers, the upper ends of the bins but the last, inclusive and in rising order; null for other values.
/// </param>
/// <param name="Values">For other values, those that have a bin of their own; null for numbers.</param>
/// <param name="Counts">How many values are in each bin; the last bin holds what is in none before.</param>
/// <param name="Nulls">How many are null.</param>
internal sealed record Distribution(
    IReadOnlyList<double>? Edges, IReadOnlyList<string>? Values, IReadOnlyList<long> Counts, long Nulls)
{
    /// <summary>How many values there are, null or not.</summary>
    public long Total() => Counts.Sum() + Nulls;
}

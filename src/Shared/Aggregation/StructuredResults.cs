namespace Lambda.Aggregation;

/// <summary>A value with how often it was seen: one line of <c>TopK</c>.</summary>
/// <param name="Value">The value as answers show it: enumerations by name, instants as <see cref="DateTimeOffset"/> in UTC.</param>
/// <param name="Count">How many events have it.</param>
public sealed record ValueCount(object Value, long Count);

/// <summary>The values that <c>CollectSet</c> has kept.</summary>
/// <param name="Values">Each value once, in order: numbers and instants by size, texts by ordinal.</param>
/// <param name="IsCut">Whether there were more values than the cap, of which the least were kept.</param>
public sealed record CollectedSet(ValueList<object> Values, bool IsCut);

/// <summary>How many values lie in each interval.</summary>
/// <param name="Buckets">The intervals from the least to the greatest; together they take every number.</param>
/// <param name="NotANumber">How many values were NaN, which lies in no interval.</param>
public sealed record Histogram(ValueList<HistogramBucket> Buckets, long NotANumber);

/// <summary>One interval of a histogram, <c>[From, To)</c>.</summary>
/// <param name="From">Its least value; null for the first, which takes everything below its end, −∞ included.</param>
/// <param name="To">Its end, exclusive; null for the last, which takes everything from its beginning on, ∞ included.</param>
/// <param name="Count">How many values lie in it.</param>
public sealed record HistogramBucket(double? From, double? To, long Count);

using Lambda.Aggregation;

namespace Lambda.Tests.Kernel.Streams;

/// <summary>Structured results as the lists that the oracle has.</summary>
internal static class PlainResults
{
    public static object? Of(object? result) => result switch
    {
        ValueList<ValueCount> counts => counts.Select(each => (object?)new object?[] { each.Value, each.Count }).ToArray(),
        CollectedSet set => new object?[] { set.Values.Select(value => (object?)value).ToArray(), set.IsCut },
        Histogram histogram => (object?[])[.. histogram.Buckets.Select(bucket => (object?)bucket.Count), histogram.NotANumber],
        _ => result,
    };
}

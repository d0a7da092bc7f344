namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>
/// Where the records of a log stand whose offsets are not dense: a partition begins anywhere, and between two records lie offsets without any. The same seed gives
/// the same offsets. Safe for use by several threads at once.
/// </summary>
internal sealed class SparseOffsets
{
    private readonly Lock _lock = new();
    private readonly Random[] _random;
    private readonly List<long>[] _offsets;

    public SparseOffsets(int seed, int partitions)
    {
        _random = [.. Enumerable.Range(0, partitions).Select(partition => new Random(HashCode.Combine(seed, partition)))];
        Starts = [.. _random.Select(random => random.Next(3) == 0 ? 0L : random.NextInt64(1_000_000_000_000))];
        _offsets = [.. Starts.Select((start, partition) => new List<long> { start + Void(_random[partition]) })];
    }

    /// <summary>Where the partitions begin, with or without a record.</summary>
    public IReadOnlyList<long> Starts { get; }

    /// <summary>The offset of the n-th record of a partition, whether it is there already or not.</summary>
    public long Of(int partition, long record)
    {
        lock (_lock)
        {
            List<long> offsets = _offsets[partition];
            while (offsets.Count <= record)
            {
                offsets.Add(offsets[^1] + 1 + Void(_random[partition]));
            }

            return offsets[(int)record];
        }
    }

    /// <summary>Which record of a partition is the first at an offset or behind it, whether it is there already or not.</summary>
    public long FirstFrom(int partition, long offset)
    {
        lock (_lock)
        {
            List<long> offsets = _offsets[partition];
            while (offsets[^1] < offset)
            {
                Of(partition, offsets.Count);
            }

            int found = offsets.BinarySearch(offset);
            return found < 0 ? ~found : found;
        }
    }

    private static long Void(Random random) => random.Next(12) switch
    {
        0 => random.NextInt64(3_000_000),
        < 4 => random.Next(1, 4),
        _ => 0,
    };
}

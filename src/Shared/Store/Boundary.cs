namespace Lambda.Store;

/// <summary>An offset vector: per partition, the first offset that is not covered.</summary>
internal sealed class Boundary : IEquatable<Boundary>
{
    private readonly long[] _offsets;

    public Boundary(IEnumerable<long> offsets) => _offsets = [.. offsets];

    /// <summary>The number of partitions.</summary>
    public int Partitions => _offsets.Length;

    /// <summary>The offsets by partition.</summary>
    public IReadOnlyList<long> Offsets => _offsets;

    /// <summary>The first offset of a partition that is not covered.</summary>
    public long this[int partition] => _offsets[partition];

    /// <summary>The boundary that covers nothing.</summary>
    public static Boundary Zero(int partitions) => new(Enumerable.Repeat(0L, partitions));

    /// <summary>Whether every partition is covered at least as far as by <paramref name="other"/>.</summary>
    public bool Covers(Boundary other) => _offsets.Zip(other._offsets).All(pair => pair.First >= pair.Second);

    public bool Equals(Boundary? other) => other is not null && _offsets.AsSpan().SequenceEqual(other._offsets);

    public override bool Equals(object? obj) => Equals(obj as Boundary);

    public override int GetHashCode() => _offsets.Aggregate(0, HashCode.Combine);

    public override string ToString() => $"[{string.Join(", ", _offsets)}]";
}

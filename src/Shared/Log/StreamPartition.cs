namespace Lambda.Log;

/// <summary>One partition of a stream's log.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="Partition">The partition, counted from 0.</param>
internal readonly record struct StreamPartition(string Stream, int Partition)
{
    public override string ToString() => $"stream '{Stream}', partition {Partition}";
}

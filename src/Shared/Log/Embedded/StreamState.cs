namespace Lambda.Log.Embedded;

/// <summary>A stream that exists in the log.</summary>
internal sealed class StreamState
{
    public StreamState(int id, string name, int partitions)
    {
        Id = id;
        Name = name;
        Partitions = new PartitionState[partitions];
        for (int i = 0; i < partitions; i++)
        {
            Partitions[i] = new PartitionState(this, i);
        }
    }

    public int Id { get; }

    public string Name { get; }

    public PartitionState[] Partitions { get; }

    /// <exception cref="EventLogException">There is no such partition.</exception>
    public PartitionState Partition(int partition) => (uint)partition < (uint)Partitions.Length
        ? Partitions[partition]
        : throw new EventLogException($"Stream '{Name}' has no partition {partition}; it has the partitions 0 to {Partitions.Length - 1}.");
}

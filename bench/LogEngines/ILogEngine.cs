namespace Lambda.LogEngines;

/// <summary>A candidate: appends groups of equally long records durably and reads them back in offset order.</summary>
internal interface ILogEngine : IDisposable
{
    string Name { get; }

    /// <summary>Makes one group durable. Record i goes to partition i modulo <see cref="Workload.Partitions"/>.</summary>
    void AppendGroup(ReadOnlySpan<byte> group);

    /// <summary>Reads every record of every partition in order of its dense offset and returns how many there were and the sum of a byte of each.</summary>
    (long Records, long Checksum) Scan();
}

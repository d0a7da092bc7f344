namespace Lambda.Log;

/// <summary>A reader asked for records that retention has removed.</summary>
public sealed class OffsetTrimmedException : EventLogException
{
    /// <summary>Creates the exception for a reader that wanted <paramref name="requested"/>.</summary>
    public OffsetTrimmedException(string stream, int partition, long requested, long available)
        : base($"Stream '{stream}', partition {partition}: offsets [{requested}, {available}) have been removed by retention before they were "
            + "read. Lengthen the log's retention so that readers can keep up. To go on without the records that are gone, accept the gap on the command line: "
            + GapCommand.For(stream, partition, new OffsetRange(requested, available)))
    {
        Stream = stream;
        Partition = partition;
        Missing = new OffsetRange(requested, available);
    }

    /// <summary>The stream that was read.</summary>
    public string Stream { get; }

    /// <summary>The partition that was read.</summary>
    public int Partition { get; }

    /// <summary>The offsets that are gone.</summary>
    public OffsetRange Missing { get; }
}

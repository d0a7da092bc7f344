namespace Lambda.Log;

/// <summary>A reader has read further than the log reaches, so what stands there now, or will, is something else than what it has read.</summary>
public sealed class OffsetBeyondEndException : EventLogException
{
    /// <summary>Creates the exception for a reader that has read up to <paramref name="reached"/> of a partition that ends at <paramref name="end"/>.</summary>
    public OffsetBeyondEndException(string stream, int partition, long reached, long end)
        : base($"Stream '{stream}', partition {partition}: the log ends at offset {end}, but it has been computed up to {reached}. The log has lost its "
            + $"newest records: it was deleted and made anew, or restored from an older copy. Records that are appended now would get the offsets [{end}, {reached}) "
            + "for a second time and be taken for those that are computed already. Restore the log, or begin anew: give the stream another name, or the "
            + "application another store and history.")
    {
        Stream = stream;
        Partition = partition;
        Reached = reached;
        End = end;
    }

    /// <summary>The stream that was read.</summary>
    public string Stream { get; }

    /// <summary>The partition that was read.</summary>
    public int Partition { get; }

    /// <summary>How far it was read before, exclusive.</summary>
    public long Reached { get; }

    /// <summary>Where it ends now.</summary>
    public long End { get; }
}

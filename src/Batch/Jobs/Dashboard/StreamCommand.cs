namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>What a button of the dashboard asks to be done with a stream.</summary>
internal enum StreamCommand
{
    /// <summary>Compute a new generation.</summary>
    Recompute,

    /// <summary>Take what stands in the log into the history.</summary>
    Archive,

    /// <summary>Put small files of the history together.</summary>
    Compact,

    /// <summary>Delete files that no version of the history within its retention needs.</summary>
    Vacuum,

    /// <summary>Compute the stream anew with the speed layer, beside what answers.</summary>
    Replay,

    /// <summary>Remove what comparisons no longer need.</summary>
    Expire,
}

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>What a button of the dashboard asks to be done with a stream.</summary>
internal enum StreamCommand
{
    /// <summary>Compute a new generation, of new events and the generation before.</summary>
    Recompute,

    /// <summary>Compute a new generation of the whole history.</summary>
    RecomputeAll,

    /// <summary>Compute and audit a generation, and tell what its publication would change.</summary>
    Rehearse,

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

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>What a button of the dashboard asks to be done with a stream.</summary>
internal enum StreamCommand
{
    /// <summary>Compute a new generation.</summary>
    Recompute,

    /// <summary>Take what stands in the log into the history.</summary>
    Archive,

    /// <summary>Remove what comparisons no longer need.</summary>
    Expire,
}

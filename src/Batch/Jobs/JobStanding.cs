namespace Lambda.Batch.Jobs;

/// <summary>Where a job stands for a worker that began it.</summary>
internal enum JobStanding
{
    /// <summary>The worker still has it.</summary>
    Held,

    /// <summary>Somebody wants it no more.</summary>
    Cancelled,

    /// <summary>Another worker has it, or has brought it to an end already.</summary>
    TakenOver,
}

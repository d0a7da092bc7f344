namespace Lambda.Batch.Deletion;

/// <summary>What becomes of events that a condition matches.</summary>
internal enum DeletionMode
{
    /// <summary>They are deleted.</summary>
    Delete,

    /// <summary>They are only counted.</summary>
    DryRun,
}

namespace Lambda.Batch.Jobs.Dashboard;

/// <summary>What a button of the dashboard asks to be done with a replay.</summary>
internal enum ReplayCommand
{
    /// <summary>Have it answer.</summary>
    Promote,

    /// <summary>Remove it.</summary>
    Drop,
}

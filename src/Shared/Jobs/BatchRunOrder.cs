using Lambda.Store;

namespace Lambda.Jobs;

/// <summary>What is asked of a run of the batch layer.</summary>
/// <param name="Scope">What it reads.</param>
/// <param name="Purpose">What becomes of what it has computed.</param>
internal sealed record BatchRunOrder(RunScope Scope, RunPurpose Purpose)
{
    /// <summary>
    /// Event times whose windows are computed anew from the history, although the generation that is gone on from has them; null for none. Without meaning where
    /// everything is.
    /// </summary>
    public WindowRange? Range { get; init; }

    /// <summary>New events are computed and published.</summary>
    public static readonly BatchRunOrder Usual = new(RunScope.New, RunPurpose.Publish);
}

/// <summary>What a run of the batch layer reads.</summary>
internal enum RunScope
{
    /// <summary>New events, if the current generation can be gone on from; everything otherwise.</summary>
    New,

    /// <summary>Everything.</summary>
    All,
}

/// <summary>What becomes of what a run of the batch layer has computed.</summary>
internal enum RunPurpose
{
    /// <summary>It goes live if its audit passes.</summary>
    Publish,

    /// <summary>It is audited and compared with what is served, told, and given up.</summary>
    Rehearse,
}

namespace Lambda.Processing;

/// <summary>What a commit makes of the open epoch, where that depends on what the commit turns out to hold.</summary>
internal enum EpochRule
{
    /// <summary>It stays open.</summary>
    KeepOpen,

    /// <summary>It ends.</summary>
    Seal,

    /// <summary>
    /// It ends when the commit has many partials and the watermark has passed most of them, so that few will be touched again: the next epoch then has little of
    /// the same once more, and a store can take partials that nobody will write again at less cost.
    /// </summary>
    SealIfPassed,
}

using Lambda.Store;

namespace Lambda.Batch.Recompute.Contents;

/// <summary>What became of a generation in the store since it was published.</summary>
/// <param name="Generation">The generation that serves; null when nothing was published yet.</param>
/// <param name="Outcome">Whether it is as it was published.</param>
/// <param name="Partials">How many partials were read.</param>
/// <param name="Damages">Where it differs.</param>
internal sealed record VerifiedGeneration(long? Generation, VerifyOutcome Outcome, long Partials, IReadOnlyList<ContentDamage> Damages);

/// <summary>Whether a generation is as it was published.</summary>
internal enum VerifyOutcome
{
    /// <summary>Nothing was published.</summary>
    NothingPublished,

    /// <summary>It is not known what was published: by an earlier version, or so long ago that it is not kept any more.</summary>
    NotKnown,

    /// <summary>It is.</summary>
    AsPublished,

    /// <summary>It is not: the store was damaged, or changed by somebody else.</summary>
    Damaged,
}

/// <summary>A part of a generation that is not as it was published.</summary>
/// <param name="View">The view.</param>
/// <param name="From">The first instant of the days on which the partials begin, in UTC microseconds.</param>
/// <param name="To">Where these days end, exclusive.</param>
/// <param name="Published">What was published of them.</param>
/// <param name="Found">What the store holds.</param>
internal sealed record ContentDamage(string View, long From, long To, PartialSum Published, PartialSum Found)
{
    /// <summary>Whether a window of a view takes any of the partials.</summary>
    public bool Touches(string view, long windowStart, long windowEnd) => View == view && windowStart < To && windowEnd > From;
}

using Lambda.Batch.History.Reading;
using Lambda.Store;

namespace Lambda.Batch.Archive;

/// <summary>Which events the files are wanted of.</summary>
/// <param name="Range">Their offsets and times.</param>
internal sealed record FileSelection(ArchiveRange Range)
{
    /// <summary>The dates that have any; null when that is not known.</summary>
    public IReadOnlySet<DateOnly>? Dates { get; init; }

    /// <summary>Of members, the values that are looked for.</summary>
    public IReadOnlyList<SoughtValues> Values { get; init; } = [];
}

/// <summary>Which events of an archive are read.</summary>
/// <param name="From">The first offsets; null from the beginning.</param>
/// <param name="Below">The first offsets that are not.</param>
/// <param name="Times">Only those with an event time in it.</param>
internal sealed record ArchiveRange(Boundary? From, Boundary Below, EventTimeRange Times)
{
    /// <summary>All events between two boundaries.</summary>
    public ArchiveRange(Boundary? from, Boundary below)
        : this(from, below, EventTimeRange.All)
    {
    }
}

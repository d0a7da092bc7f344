using Lambda.Views;

namespace Lambda.Store;

/// <summary>A generation as the store knows it.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Generation">Its number.</param>
/// <param name="State">Where it stands.</param>
/// <param name="HistoryVersion">The version of the history table it was computed from.</param>
/// <param name="Boundary">The first offsets it does not cover.</param>
/// <param name="StartedAt">When it was begun, in UTC.</param>
/// <param name="EndedAt">When it was published or rejected, in UTC; null before.</param>
/// <param name="ViewVersions">The versions of the views it holds, by view name.</param>
internal sealed record GenerationInfo(
    string Stream,
    long Generation,
    GenerationState State,
    long HistoryVersion,
    Boundary Boundary,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyDictionary<string, string> ViewVersions)
{
    /// <summary>
    /// The first of the generations that it shares rows with: those that were carried over from one to the next without being copied. Its own number when it
    /// was computed from everything.
    /// </summary>
    public long Root { get; init; } = Generation;

    /// <summary>Whether it holds a version of a view.</summary>
    public bool Holds(PartialLayout view) => view.Stream == Stream && ViewVersions.GetValueOrDefault(view.View) == view.Version;
}

/// <summary>Where a generation stands.</summary>
internal enum GenerationState
{
    /// <summary>Being written; nobody sees it.</summary>
    Writing,

    /// <summary>The one that is served.</summary>
    Current,

    /// <summary>Was served before.</summary>
    Superseded,

    /// <summary>Its audit blocked it; its partials are gone, its report stays.</summary>
    Rejected,
}

using Lambda.Batch.Recompute.Contents;
using Lambda.Store;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>What answers for a view before a publication.</summary>
/// <param name="Generation">The generation, if there is one that holds this version of the view.</param>
/// <param name="Contents">What that holds; null when it is not known.</param>
/// <param name="From">Where the speed layer's events begin that answer beside it: at its boundary; where the history begins when there is none.</param>
internal sealed record ServedBefore(GenerationInfo? Generation, GenerationContents? Contents, Boundary From)
{
    /// <summary>Whether a generation is known to hold the same of a view among the partials that begin in an interval.</summary>
    public bool HasSame(GenerationDraft draft, ViewDefinition view, TimeWindow starts) =>
        Contents is not null && draft.Contents is { } contents && contents.HasSame(Contents, view.Layout, starts);
}

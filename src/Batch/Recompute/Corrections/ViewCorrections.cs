using Lambda.Store;
using Lambda.Views.Composing;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>Takes the corrections of one view.</summary>
/// <param name="All">Takes those of all.</param>
/// <param name="Place">The place of the view in its stream.</param>
internal readonly record struct ViewCorrections(FoundCorrections All, int Place)
{
    /// <summary>Adds some, in any order of calls.</summary>
    public ValueTask AddAsync(IReadOnlyList<(WindowAddress Window, Correction Correction)> changes, CancellationToken cancellationToken) =>
        All.AddAsync(Place, changes, cancellationToken);
}

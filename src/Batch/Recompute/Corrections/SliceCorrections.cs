using Lambda.Batch.Recompute.Contents;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>Finds what changes in windows that are made of slices: those are composed of which a slice has changed.</summary>
/// <param name="view">The view.</param>
/// <param name="slicing">How its windows are made of slices.</param>
/// <param name="stored">Reads its partials.</param>
internal sealed class SliceCorrections(ViewDefinition view, ISlicing slicing, StoredWindows stored)
{
    /// <summary>The changes in windows that begin in an interval.</summary>
    public async Task<IReadOnlyList<(WindowAddress Window, Correction Correction)>> FindAsync(
        TimeWindow starts, ServedBefore served, GenerationDraft draft, Boundary boundary, CancellationToken cancellationToken)
    {
        TimeWindow reached = slicing.SlicesOf(starts);
        WindowRange range = new(reached.Start, reached.End);
        PartialBatch speed = await stored.ReadSpeedAsync(served.From, boundary, range, cancellationToken).ConfigureAwait(false);
        if (speed.Count == 0 && served.HasSame(draft, view, reached))
        {
            return [];
        }

        return Compare(
            new SliceWindows(view, slicing, starts),
            await stored.ReadGenerationAsync(served.Generation?.Generation, range, cancellationToken).ConfigureAwait(false),
            speed,
            await stored.ReadGenerationAsync(draft.Number, range, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The changes in windows that new partials are part of.</summary>
    public async Task<IReadOnlyList<(WindowAddress Window, Correction Correction)>> FindAroundAsync(
        long before, long after, PartialBatch speed, PartialBatch added, CancellationToken cancellationToken) => Compare(
            new SliceWindows(view, slicing, TimeWindow.All),
            await stored.ReadGenerationAroundAsync(before, added, NearnessOf(added), cancellationToken).ConfigureAwait(false),
            speed,
            await stored.ReadGenerationAroundAsync(after, added, NearnessOf(added), cancellationToken).ConfigureAwait(false));

    /// <summary>Composes only windows of which a slice is not the same before and after.</summary>
    private List<(WindowAddress Window, Correction Correction)> Compare(
        SliceWindows changed,
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> before,
        PartialBatch speed,
        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> after)
    {
        SliceComparison served = new(view, changed);
        SliceComparison read = new(view.CountingOnly(), changed);
        foreach ((PartialKind kind, PartialBatch partials) in before)
        {
            read.AddToOne(partials, PartialSelection.AcceptedAndLate);
            if (kind == PartialKind.Kept)
            {
                served.AddToOne(partials, PartialSelection.Accepted);
            }
        }

        served.AddToOne(speed, PartialSelection.Accepted);
        read.AddToOne(speed, PartialSelection.AcceptedAndLate);
        foreach ((PartialKind kind, PartialBatch partials) in after)
        {
            read.AddToOther(partials, PartialSelection.AcceptedAndLate);
            if (kind == PartialKind.Kept)
            {
                served.AddToOther(partials, PartialSelection.Accepted);
            }
        }

        served.FindDifferent();
        read.FindDifferent();
        if (changed.Count == 0)
        {
            return [];
        }

        return WindowChanges.Find(view, Among(before), changed.Among(speed), Among(after), changed.Contains);

        IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> Among(IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> generation) =>
            [.. generation.Select(part => (part.Kind, changed.Among(part.Partials)))];
    }

    /// <summary>How far from their own slices the windows of partials reach.</summary>
    private Nearness NearnessOf(PartialBatch around)
    {
        long within = 0;
        for (int row = 0; row < around.Count && slicing.Reach > 0; row++)
        {
            TimeWindow slice = new(around.Starts[row], around.Ends[row]);
            TimeWindow reached = slicing.SlicesOf(slice);
            within = Math.Max(within, Math.Max(slice.Start - reached.Start, reached.End - slice.End));
        }

        return Nearness.Within(within);
    }
}

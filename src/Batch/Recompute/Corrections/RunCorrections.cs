using Lambda.Batch.Archive;
using Lambda.Batch.Recompute.Contents;
using Lambda.Batch.Telemetry;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>Finds what a generation changes in windows that were served.</summary>
internal sealed class RunCorrections(IViewStore store, BatchOptions options, ILogger logger)
{
    /// <summary>The corrections of all views, written to the generation as far as they are many and it is to be published; none of views whose new events the speed layer did not serve before.</summary>
    /// <param name="run">The run.</param>
    /// <param name="generation">What it has computed and written.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<RunChanges> FindAsync(PinnedRun run, ComputedGeneration generation, CancellationToken cancellationToken)
    {
        BatchStream stream = run.Stream;
        (IArchiveSnapshot archive, SpeedCoverage speed, _, Boundary boundary) = run.Pinned;
        CorrectionFinder finder = new(store, options);
        GenerationContents? served = generation.Carried is null ? GenerationContents.Of(speed.Basis) : null;
        using FoundCorrections found = new(
            options.KeptCorrections,
            run.Order.Purpose == RunPurpose.Publish
                ? (corrections, token) => store.WriteCorrectionsAsync(run.Lease, generation.Draft.Number, corrections, token)
                : (_, _) => default);
        for (int place = 0; place < stream.Plan.Views.Count; place++)
        {
            ViewDefinition view = stream.Plan.Views[place].View;
            GenerationInfo? current = speed.CurrentOf(view);
            Boundary from = current?.Boundary ?? archive.Start;
            if (FindGap(run.Pinned, view, current, from) is { } gap)
            {
                BatchLog.NoCorrections(logger, stream.Name, view.Name, gap);
                continue;
            }

            ViewCorrections ofView = new(found, place);
            if (generation.Carried is { } carried)
            {
                PartialBatch added = generation.Computation.Partials.AllOf(view).With(generation.Range?.Around(place));
                await finder.FindAroundAsync(view, carried.From, generation.Draft.Number, boundary, added, ofView, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                ServedBefore before = new(current, served, from);
                await finder.FindAsync(view, before, generation.Draft, boundary, generation.Computation.RowsByDate, ofView, cancellationToken).ConfigureAwait(false);
            }
        }

        return await found.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Why what was served cannot be compared; null when it can.</summary>
    private static string? FindGap(PinnedStream pinned, ViewDefinition view, GenerationInfo? current, Boundary from) =>
        pinned.Archive.Deletion is { } deletion && (current is null || current.HistoryVersion < deletion.Version)
            ? "events were deleted from the history, and windows change by that"
            : pinned.Speed.FindGap(view, from, pinned.Boundary);
}

using Lambda.Batch.Archive;
using Lambda.Batch.Recompute.Contents;
using Lambda.Batch.Telemetry;
using Lambda.Store;
using Lambda.Views;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>Finds what a generation changes in windows that were served.</summary>
internal sealed class RunCorrections(IViewStore store, BatchOptions options, ILogger logger)
{
    /// <summary>The corrections of all views; none of views whose new events the speed layer did not serve before.</summary>
    /// <param name="run">The run.</param>
    /// <param name="generation">What it has computed and written.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<IReadOnlyList<Correction>> FindAsync(PinnedRun run, ComputedGeneration generation, CancellationToken cancellationToken)
    {
        BatchStream stream = run.Stream;
        (IArchiveSnapshot archive, SpeedCoverage speed, _, Boundary boundary) = run.Pinned;
        CorrectionFinder finder = new(store, options);
        GenerationContents? served = generation.Carried is null ? GenerationContents.Of(speed.Basis) : null;
        List<Correction> corrections = [];
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

            corrections.AddRange(generation.Carried is { } carried
                ? await finder.FindAroundAsync(
                    view,
                    carried.From,
                    generation.Draft.Number,
                    boundary,
                    generation.Computation.Partials.AllOf(view).With(generation.Range?.Around(place)),
                    cancellationToken).ConfigureAwait(false)
                : await finder.FindAsync(
                    view,
                    new ServedBefore(current, served, from),
                    generation.Draft,
                    boundary,
                    generation.Computation.RowsByDate,
                    cancellationToken).ConfigureAwait(false));
        }

        return corrections;
    }

    /// <summary>Why what was served cannot be compared; null when it can.</summary>
    private static string? FindGap(PinnedStream pinned, ViewDefinition view, GenerationInfo? current, Boundary from) =>
        pinned.Archive.Deletion is { } deletion && (current is null || current.HistoryVersion < deletion.Version)
            ? "events were deleted from the history, and windows change by that"
            : pinned.Speed.FindGap(view, from, pinned.Boundary);
}

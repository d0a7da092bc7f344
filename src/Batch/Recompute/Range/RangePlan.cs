using Lambda.Batch.Archive;
using Lambda.Batch.History.Files;
using Lambda.Batch.History.Reading;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Range;

/// <summary>
/// Computes the windows of a range of event times anew from the history, below the boundary of the generation that is gone on from. What changes in the range
/// changes nothing beyond the slices, and the sessions, that reach into it; so all else can be carried over.
/// </summary>
internal sealed class RangePlan(IBatchStore store, HistoryComputer computer)
{
    /// <summary>What partials with a place in time are kept of.</summary>
    public static readonly PartialKind[] Kinds = [PartialKind.Kept, PartialKind.Duplicate, PartialKind.Quarantined];

    /// <summary>Why the windows of a range cannot be computed alone; null when they can.</summary>
    public static string? FindObstacle(StreamDefinition stream)
    {
        if (stream.Views.FirstOrDefault(view => view.Layout.HasPositions) is { } counting)
        {
            return $"view '{counting.Name}' counts events in the order of the log, so that one in the range can move every later window";
        }

        return stream.Views.FirstOrDefault(view => ReferenceEquals(view.Window, AllTime.Window)) is { } whole
            ? $"view '{whole.Name}' has one window of all time, which every range is part of"
            : null;
    }

    /// <summary>The part of a range that the history has events of; null when there is none.</summary>
    public static TimeWindow? Within(IArchiveSnapshot archive, WindowRange range)
    {
        if (archive.Dates.Count == 0)
        {
            return null;
        }

        TimeWindow part = new(
            Math.Max(range.From, EventDate.StartOf(archive.Dates[0])), Math.Min(range.To, EventDate.EndOfDay(EventDate.StartOf(archive.Dates[^1]))));
        return part.Start < part.End ? part : null;
    }

    /// <summary>Computes.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="archive">Its history.</param>
    /// <param name="from">The generation that is gone on from.</param>
    /// <param name="range">The event times whose windows are wanted.</param>
    /// <param name="progress">Told how much was read.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="BatchException">The partials take more memory than they may.</exception>
    public async Task<RecomputedRange> ComputeAsync(
        BatchStream stream,
        IArchiveSnapshot archive,
        GenerationInfo from,
        TimeWindow range,
        IProgress<RunProgress> progress,
        CancellationToken cancellationToken)
    {
        RangePlace[] places = [.. stream.Plan.Views.Select(view => RangePlace.Of(view.View, range))];
        Dictionary<(int View, PartialKind Kind), PartialBatch> stale = [];
        TimeWindow times = range;
        for (int view = 0; view < places.Length; view++)
        {
            times = times.Union(places[view].Times);
            foreach (PartialKind kind in Kinds)
            {
                PartialBatch partials = await ReadStaleAsync(places[view], from.Generation, kind, cancellationToken).ConfigureAwait(false);
                stale[(view, kind)] = partials;
                for (int row = 0; row < partials.Count; row++)
                {
                    times = times.Union(new TimeWindow(partials.Starts[row], partials.Ends[row]));
                }
            }
        }

        return new RecomputedRange(
            places,
            stale,
            await computer.RunAsync(
                stream, archive, new ArchiveRange(null, from.Boundary, new EventTimeRange(times.Start, times.End)), progress, cancellationToken)
                .ConfigureAwait(false));
    }

    private async Task<PartialBatch> ReadStaleAsync(RangePlace place, long generation, PartialKind kind, CancellationToken cancellationToken)
    {
        PartialBatch stale = new(place.View.Layout);
        await foreach (PartialBatch partials in store.ReadGenerationAsync(place.View.Layout, generation, kind, WindowRange.All, KeyPiece.All, cancellationToken).ConfigureAwait(false))
        {
            for (int row = 0; row < partials.Count; row++)
            {
                if (place.Holds(partials, row))
                {
                    stale.AddFrom(partials, row);
                }
            }
        }

        return stale;
    }
}

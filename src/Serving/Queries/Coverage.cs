using Lambda.Serving.Answers;
using Lambda.Serving.Formats;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Serving.Queries;

/// <summary>Judges whether the partials of a snapshot cover every offset once.</summary>
internal static class Coverage
{
    /// <summary>The boundary of the generation that is served; where the stream begins when there is none.</summary>
    public static Boundary BoundaryOf(ViewSnapshot snapshot) =>
        snapshot.Generation?.Boundary ?? snapshot.Stream.Starts;

    /// <summary>
    /// An answer is complete when no offset lies between what its layers cover: from the stream's start for the speed layer on its own, from the
    /// batch layer's boundary when both are merged.
    /// </summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="snapshot">What the answer is made of.</param>
    /// <param name="gaps">What the log has lost, as somebody accepted.</param>
    /// <param name="problems">Why partitions stand still.</param>
    public static CompletenessAnswer Judge(ViewRequest request, ViewSnapshot snapshot, IReadOnlyList<LogGap> gaps, IReadOnlyList<string> problems)
    {
        ViewDefinition view = request.View;
        Boundary boundary = BoundaryOf(snapshot);
        switch (request.Layer)
        {
            case ViewLayer.Batch when snapshot.Generation is null:
                return Incomplete($"No generation of view '{view.Name}' has been published with its present definition. {RunBatch(view)}");
            case ViewLayer.Merged when !boundary.Covers(snapshot.Coverage):
                return Incomplete(
                    $"The speed layer computes view '{view.Name}' with its present definition from offsets {snapshot.Coverage} on, and the batch layer "
                    + $"covers it up to {boundary} only; events between them are missing. {RunBatch(view)}");
            case ViewLayer.Speed when !snapshot.Stream.Starts.Covers(snapshot.Coverage):
                return Incomplete(
                    $"The speed layer computes view '{view.Name}' with its present definition from offsets {snapshot.Coverage} on; earlier events are "
                    + "missing. Ask for layer=merged, which has them once the batch layer has run.");
            case ViewLayer.Speed when FirstStart(request) < snapshot.ComparableFrom:
                return Incomplete(
                    $"Speed results of windows before {Instants.ToText(snapshot.ComparableFrom)} have expired. Ask for layer=merged, or for a "
                    + "range from there on.");
            case ViewLayer.Merged or ViewLayer.Speed when problems.Count > 0:
                return Incomplete($"What the log of stream '{view.Stream}' has taken since is missing. {problems[0]}");
            case var _ when gaps.Count > 0:
                return Incomplete(
                    $"The log of stream '{view.Stream}' had lost offsets before they were read, and goes on without them as somebody accepted: "
                    + $"{string.Join(", ", gaps.Select(gap => $"{gap.Offsets} of partition {gap.Partition}"))}. Their events are missing, unless the batch layer had "
                    + "archived them before.");
            default:
                return CompletenessAnswer.Full;
        }
    }

    /// <summary>
    /// No window of the range that expiry can have taken begins earlier. A session or a window of a count goes only when it has ended as a whole, so that
    /// those which reach into the range from before are there.
    /// </summary>
    private static long FirstStart(ViewRequest request) => request.View.Window is SlicedWindows { Slicing: { } slicing }
        ? slicing.SlicesOf(new TimeWindow(request.Range.From, request.Range.To)).Start
        : request.Range.From;

    private static CompletenessAnswer Incomplete(string reason) => new(false, reason);

    /// <summary>What to do when a view lacks a generation.</summary>
    public static string RunBatch(ViewDefinition view) =>
        $"Run the batch layer: 'batch run' on the command line, or POST /api/batch/runs {{\"stream\": \"{view.Stream}\"}}.";
}

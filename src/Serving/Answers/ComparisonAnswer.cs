using System.Text.Json.Serialization;
using Lambda.Serving.Formats;
using Lambda.Views.Partials;

namespace Lambda.Serving.Answers;

/// <summary>Batch and speed layer side by side over the same offsets: those below the boundary.</summary>
/// <param name="View">The view.</param>
/// <param name="Version">The hash of its definition.</param>
/// <param name="Stream">The stream it is over.</param>
/// <param name="Comparable">Whether the layers cover the same offsets, so that they can be compared.</param>
/// <param name="Reason">Why they cannot be compared, and what to do; null when they can.</param>
/// <param name="Generation">The generation compared.</param>
/// <param name="Boundary">Per partition the first offset that is left out.</param>
/// <param name="ComparableFrom">Earlier windows are left out, because their speed results have expired; null when there are none.</param>
/// <param name="Totals">Sums over all windows of the range, whether or not they are listed.</param>
/// <param name="Truncated">Whether there are more windows to list than the limit lets through.</param>
/// <param name="Windows">The windows that differ, or all of them when they were asked for.</param>
internal sealed record ComparisonAnswer(
    string View,
    string Version,
    string Stream,
    bool Comparable,
    string? Reason,
    long? Generation,
    IReadOnlyList<long> Boundary,
    DateTimeOffset? ComparableFrom,
    ComparisonTotals Totals,
    bool Truncated,
    IReadOnlyList<ComparedWindow> Windows);

/// <summary>Sums over compared windows.</summary>
/// <param name="Windows">How many windows were compared.</param>
/// <param name="Differing">How many of them differ, or have a reason to.</param>
/// <param name="BatchEvents">Events that the batch layer has counted.</param>
/// <param name="SpeedEvents">Events that the speed layer has counted.</param>
/// <param name="Reasons">Why both differ.</param>
/// <param name="Unexplained">How many windows break the law of conservation; anything but 0 is a defect.</param>
internal readonly record struct ComparisonTotals(
    long Windows, long Differing, long BatchEvents, long SpeedEvents, DifferenceReasons Reasons, long Unexplained);

/// <summary>Why the layers differ, in events.</summary>
/// <param name="Late">Came too late for the speed layer; the batch layer counts them.</param>
/// <param name="Duplicates">Counted by the speed layer; the batch layer removed them as repetitions.</param>
/// <param name="Quarantined">Counted by the speed layer; a row check of the batch layer removed them.</param>
internal readonly record struct DifferenceReasons(long Late, long Duplicates, long Quarantined);

/// <summary>
/// One key and window in both layers. A session is that of all events, removed and late ones included, as the layers may cut it differently without
/// them: what a layer says of it is what its own sessions in there are together.
/// </summary>
/// <param name="Key">The parts of the key by name.</param>
/// <param name="WindowStart">Where the window begins.</param>
/// <param name="WindowEnd">Where it ends, exclusive.</param>
/// <param name="Position">Where the log has its first event; left out for windows that have a place in time.</param>
/// <param name="Batch">What the batch layer says; null when it counts no event there.</param>
/// <param name="Speed">What the speed layer says; null when it counts no event there.</param>
/// <param name="Difference">Batch minus speed, for the aggregates that are numbers; an absent side counts as the aggregate of nothing.</param>
/// <param name="Reasons">Why they differ.</param>
/// <param name="KeyReasons">
/// What was removed of all of the key's events in the partition, as each removed event moves the windows behind it; left out for windows that have a place
/// in time.
/// </param>
/// <param name="Unexplained">What the reasons do not explain; null when they explain everything.</param>
internal sealed record ComparedWindow(
    NamedValues Key,
    DateTimeOffset WindowStart,
    DateTimeOffset WindowEnd,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EventPosition? Position,
    LayerResult? Batch,
    LayerResult? Speed,
    NamedValues Difference,
    DifferenceReasons Reasons,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DifferenceReasons? KeyReasons,
    UnexplainedDifference? Unexplained);

/// <summary>What a layer says about a key and window.</summary>
/// <param name="Events">Events it has counted.</param>
/// <param name="Values">The aggregates by name.</param>
internal sealed record LayerResult(long Events, NamedValues Values);

/// <summary>A breach of the law of conservation: speed accepted and late = batch kept and removed.</summary>
/// <param name="Events">Events on the speed side minus those on the batch side.</param>
/// <param name="Aggregates">Aggregates whose results over the two sides differ.</param>
internal sealed record UnexplainedDifference(long Events, IReadOnlyList<string> Aggregates);

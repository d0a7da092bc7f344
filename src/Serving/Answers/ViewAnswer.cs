using System.Text.Json.Serialization;
using Lambda.Serving.Formats;
using Lambda.Serving.Requests;
using Lambda.Store;
using Lambda.Views.Partials;

namespace Lambda.Serving.Answers;

/// <summary>The answer to a query of a view: what it is worth, then the rows.</summary>
/// <param name="View">The view.</param>
/// <param name="Version">The hash of its definition.</param>
/// <param name="Stream">The stream it is over.</param>
/// <param name="Layer">Whose answer it is.</param>
/// <param name="Generation">The generation that went into it; null when there is none.</param>
/// <param name="Boundary">Per partition the first offset that the generation does not cover; the speed layer covers the rest.</param>
/// <param name="Watermark">The stream's watermark: windows that end at or before it are complete.</param>
/// <param name="Lag">How far the speed layer was behind the log; null when the log did not answer.</param>
/// <param name="Freshness">What the newest event is.</param>
/// <param name="Completeness">Whether the answer holds all events that were read, and none was lost before that.</param>
/// <param name="Quality">What the audit of the generation found; null when there is no generation.</param>
/// <param name="LateEvents">Events of the windows asked for that came too late for the speed layer and that no generation holds yet.</param>
/// <param name="Truncated">Whether there are more rows than the limit lets through.</param>
/// <param name="NextCursor">
/// What to give as <c>cursor</c> for the rows that come next; null when there are none, and when rows are ordered by an aggregate of a type of the application's own.
/// </param>
/// <param name="Rows">The rows.</param>
internal sealed record ViewAnswer(
    string View,
    string Version,
    string Stream,
    ViewLayer Layer,
    long? Generation,
    IReadOnlyList<long> Boundary,
    DateTimeOffset? Watermark,
    LagAnswer? Lag,
    FreshnessAnswer Freshness,
    CompletenessAnswer Completeness,
    QualitySummary? Quality,
    long LateEvents,
    bool Truncated,
    string? NextCursor,
    IReadOnlyList<ViewRow> Rows);

/// <summary>The result for one key and window, or for one window when keys are rolled up.</summary>
/// <param name="Key">The parts of the key by name.</param>
/// <param name="WindowStart">Where the window begins.</param>
/// <param name="WindowEnd">Where it ends, exclusive.</param>
/// <param name="Position">
/// Where the log has its first event, which tells windows of a count of events apart when two of a key begin at the same instant; left out for windows that
/// have a place in time.
/// </param>
/// <param name="Values">The aggregates by name.</param>
/// <param name="Status">Whether it can still change.</param>
/// <param name="CorrectedBy">The newest generation that changed what was served for it; null when none did.</param>
/// <param name="Provenance">Which layer its events come from.</param>
internal sealed record ViewRow(
    NamedValues Key,
    DateTimeOffset WindowStart,
    DateTimeOffset WindowEnd,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EventPosition? Position,
    NamedValues Values,
    WindowStatus Status,
    long? CorrectedBy,
    Provenance Provenance);

/// <summary>Whether a window can still change.</summary>
internal enum WindowStatus
{
    /// <summary>The watermark has not passed its end: more events are expected.</summary>
    Open,

    /// <summary>The watermark has passed its end.</summary>
    Complete,

    /// <summary>Complete, and a publication of the batch layer has changed what was served before.</summary>
    Corrected,
}

/// <summary>Which layer the events of a window come from.</summary>
/// <param name="BatchEvents">Events that the batch layer has counted.</param>
/// <param name="SpeedEvents">Events that only the speed layer has counted.</param>
/// <param name="LateEvents">Events that came too late for the speed layer and that no generation holds yet: not in the values.</param>
internal readonly record struct Provenance(long BatchEvents, long SpeedEvents, long LateEvents);

/// <summary>Whether an answer holds all events that were read, and none was lost before that.</summary>
/// <param name="Complete">Whether it does.</param>
/// <param name="Reason">Why not, and what to do; null when it does.</param>
internal sealed record CompletenessAnswer(bool Complete, string? Reason)
{
    public static readonly CompletenessAnswer Full = new(true, null);
}

/// <summary>What the audit of a generation found, in short.</summary>
/// <param name="Outcome">Its verdict.</param>
/// <param name="AuditedAt">When.</param>
/// <param name="Checks">How many checks it made.</param>
/// <param name="Failed">The names of those that failed.</param>
internal sealed record QualitySummary(AuditOutcome Outcome, DateTimeOffset AuditedAt, int Checks, IReadOnlyList<string> Failed);

using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Views.Partials;

namespace Lambda.Serving.Answers;

/// <summary>A generation of a stream's views.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Generation">Its number.</param>
/// <param name="State">Where it stands.</param>
/// <param name="HistoryVersion">The version of the history it was computed from.</param>
/// <param name="Boundary">Per partition the first offset that it does not cover.</param>
/// <param name="StartedAt">When it was begun.</param>
/// <param name="EndedAt">When it was published or rejected.</param>
/// <param name="Views">The versions of the views it holds, by view.</param>
internal sealed record GenerationAnswer(
    string Stream,
    long Generation,
    GenerationState State,
    long HistoryVersion,
    IReadOnlyList<long> Boundary,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    IReadOnlyDictionary<string, string> Views);

/// <summary>The audit of a generation.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Generation">The generation.</param>
/// <param name="AuditedAt">When it was audited.</param>
/// <param name="Outcome">Whether it may go live.</param>
/// <param name="Checks">Every check, in the order they ran.</param>
internal sealed record QualityAnswer(
    string Stream, long Generation, DateTimeOffset AuditedAt, AuditOutcome Outcome, IReadOnlyList<CheckAnswer> Checks);

/// <summary>What a check found.</summary>
/// <param name="Name">The check.</param>
/// <param name="Severity">What its failure means.</param>
/// <param name="Verdict">What came out.</param>
/// <param name="Observed">The figure that was measured; null when there is none. NaN and the infinities are strings.</param>
/// <param name="Expected">What was expected of it; null when the message alone tells.</param>
/// <param name="FailingRows">How many rows fail; null for checks that no single row fails.</param>
/// <param name="Message">What was expected and what was found.</param>
/// <param name="SampleRows">Some failing rows, with their position in the log as <c>_partition</c> and <c>_offset</c>.</param>
internal sealed record CheckAnswer(
    string Name,
    CheckSeverity Severity,
    CheckVerdict Verdict,
    double? Observed,
    string? Expected,
    long? FailingRows,
    string Message,
    IReadOnlyList<JsonNode?> SampleRows)
{
    public static CheckAnswer Of(CheckResult check) => new(
        check.Name,
        check.Severity,
        check.Verdict,
        check.Observed,
        check.Expected,
        check.FailingRows,
        check.Message,
        [.. check.SampleRows.Select(row => JsonNode.Parse(row))]);
}

/// <summary>A point of a metric's history.</summary>
/// <param name="Generation">The generation that went live with it.</param>
/// <param name="MeasuredAt">When it was audited.</param>
/// <param name="Value">The figure.</param>
/// <param name="Distribution">How the values were distributed; null for metrics that are one figure.</param>
internal sealed record MetricPointAnswer(long Generation, DateTimeOffset MeasuredAt, double Value, Distribution? Distribution);

/// <summary>What publications changed in the windows of a view.</summary>
/// <param name="View">The view.</param>
/// <param name="Version">The hash of its definition.</param>
/// <param name="Truncated">Whether there are more corrections than the limit lets through.</param>
/// <param name="Corrections">The corrections, newest publication first, then by window start and key.</param>
internal sealed record CorrectionsAnswer(string View, string Version, bool Truncated, IReadOnlyList<CorrectionAnswer> Corrections);

/// <summary>What a publication changed in one window of one key.</summary>
/// <param name="Generation">The generation that was published.</param>
/// <param name="PublishedAt">When.</param>
/// <param name="Key">The parts of the key by name.</param>
/// <param name="WindowStart">Where the window begins.</param>
/// <param name="WindowEnd">Where it ends, exclusive.</param>
/// <param name="Position">Where the log has its first event; left out for windows that have a place in time.</param>
/// <param name="Before">The aggregates that were served before; null when there was no such window.</param>
/// <param name="After">The aggregates that are served now; null when there is no such window any more.</param>
/// <param name="Reasons">How many events explain the change.</param>
internal sealed record CorrectionAnswer(
    long Generation,
    DateTimeOffset PublishedAt,
    JsonNode? Key,
    DateTimeOffset WindowStart,
    DateTimeOffset WindowEnd,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EventPosition? Position,
    JsonNode? Before,
    JsonNode? After,
    CorrectionReasons Reasons);

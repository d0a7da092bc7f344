using System.Collections.ObjectModel;
using System.Text.Json.Serialization;
using Lambda.Quality;

namespace Lambda.Store;

/// <summary>What the audit of a generation found.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Generation">The generation that was audited.</param>
/// <param name="AuditedAt">When, in UTC.</param>
/// <param name="Outcome">Whether the generation may go live.</param>
/// <param name="Checks">Every check, in the order they ran.</param>
internal sealed record AuditReport(
    string Stream, long Generation, DateTimeOffset AuditedAt, AuditOutcome Outcome, IReadOnlyList<CheckResult> Checks);

/// <summary>Whether a generation may go live.</summary>
internal enum AuditOutcome
{
    /// <summary>No check failed.</summary>
    Passed,

    /// <summary>Checks failed, none of which blocks.</summary>
    Warned,

    /// <summary>A check that blocks failed; the previous generation serves on.</summary>
    Blocked,
}

/// <summary>What one check found.</summary>
/// <param name="Name">The check, for example <c>completeness of origin</c>.</param>
/// <param name="Severity">What its failure means.</param>
/// <param name="Verdict">What came out.</param>
/// <param name="Observed">The figure that was measured, for the history of the metric; null when there is none.</param>
/// <param name="Message">What was expected and what was found, in a sentence.</param>
/// <param name="SampleRows">Some failing rows as JSON objects; empty when there are none.</param>
internal sealed record CheckResult(
    string Name, CheckSeverity Severity, CheckVerdict Verdict, double? Observed, string Message, IReadOnlyList<string> SampleRows)
{
    /// <summary>What was expected of the figure, for example <c>at least 0.99</c>; null when the message alone tells.</summary>
    public string? Expected { get; init; }

    /// <summary>How many rows fail; null for checks that no single row fails.</summary>
    public long? FailingRows { get; init; }

    /// <summary>What becomes a point of a metric's history with the publication; it is no part of the report.</summary>
    [JsonIgnore]
    public MetricValue? Measured { get; init; }

    /// <summary>What the audit of a later generation can go on from (see <see cref="GenerationBasis.Figures"/>); it is no part of the report.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Figures { get; init; } = ReadOnlyDictionary<string, IReadOnlyList<long>>.Empty;
}

/// <summary>What came out of a check.</summary>
internal enum CheckVerdict
{
    /// <summary>The data are as expected.</summary>
    Passed,

    /// <summary>They are not.</summary>
    Failed,

    /// <summary>The check could not be applied; the message says why.</summary>
    NotApplicable,
}

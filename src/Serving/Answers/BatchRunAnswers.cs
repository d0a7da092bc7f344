using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lambda.Jobs;
using Lambda.Serving.Formats;
using Lambda.Store;
using Lambda.Views.Partials;

namespace Lambda.Serving.Answers;

/// <summary>A run of the batch layer.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Stream">The stream.</param>
/// <param name="State">Whether it waits, runs or has ended, and how.</param>
/// <param name="Step">What it is doing, in words.</param>
/// <param name="Progress">The share that is done, from 0 to 1.</param>
/// <param name="StartedAt">When it was begun.</param>
/// <param name="EndedAt">When it ended; null before.</param>
/// <param name="Generation">The generation it wrote; null before it has one.</param>
/// <param name="Message">How it ended, in a sentence; null before.</param>
/// <param name="Events">How many events it read; null before it has ended.</param>
/// <param name="Dates">In how many dates of the history they were; null before it has ended.</param>
/// <param name="CarriedFrom">The generation that it carried over; null when it computed everything, and before it has ended.</param>
/// <param name="Rehearsal">What a dry run has found; left out of others.</param>
/// <param name="Log">What the run has done, oldest first; empty in a list of runs.</param>
internal sealed record BatchRunAnswer(
    string RunId,
    string Stream,
    BatchRunState State,
    string Step,
    double Progress,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    long? Generation,
    string? Message,
    long? Events,
    int? Dates,
    long? CarriedFrom,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RehearsalAnswer? Rehearsal,
    IReadOnlyList<RunLogLine> Log)
{
    public static BatchRunAnswer Of(BatchRunStatus status) => new(
        status.RunId,
        status.Stream,
        status.State,
        status.Step,
        status.Progress,
        status.StartedAt,
        status.EndedAt,
        status.Generation,
        status.Message,
        status.Events,
        status.Dates,
        status.CarriedFrom,
        status.Rehearsal is { } rehearsal ? RehearsalAnswer.Of(rehearsal) : null,
        status.Log);
}

/// <summary>The generation that serves again.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Generation">The generation.</param>
internal sealed record RollbackAnswer(string Stream, long Generation);

/// <summary>What a publication would do.</summary>
/// <param name="Outcome">Whether it could go live.</param>
/// <param name="Checks">Every check, in the order they ran.</param>
/// <param name="Corrected">How many windows it would change.</param>
/// <param name="Corrections">The first of these, by view, window start and key.</param>
internal sealed record RehearsalAnswer(
    AuditOutcome Outcome, IReadOnlyList<CheckAnswer> Checks, int Corrected, IReadOnlyList<ChangeAnswer> Corrections)
{
    public static RehearsalAnswer Of(RunRehearsal rehearsal) => new(
        rehearsal.Report.Outcome,
        [.. rehearsal.Report.Checks.Select(CheckAnswer.Of)],
        rehearsal.Changed,
        [.. rehearsal.Changes.Select(ChangeAnswer.Of)]);
}

/// <summary>What a publication would change in one window of one key.</summary>
/// <param name="View">The view.</param>
/// <param name="Key">The parts of the key by name.</param>
/// <param name="WindowStart">Where the window begins.</param>
/// <param name="WindowEnd">Where it ends, exclusive.</param>
/// <param name="Position">Where the log has its first event; left out for windows that have a place in time.</param>
/// <param name="Before">The aggregates that are served; null when there is no such window.</param>
/// <param name="After">The aggregates that would be served; null when there would be no such window any more.</param>
/// <param name="Reasons">How many events explain the change.</param>
internal sealed record ChangeAnswer(
    string View,
    JsonNode? Key,
    DateTimeOffset WindowStart,
    DateTimeOffset WindowEnd,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EventPosition? Position,
    JsonNode? Before,
    JsonNode? After,
    CorrectionReasons Reasons)
{
    public static ChangeAnswer Of(Correction correction) => new(
        correction.View,
        JsonNode.Parse(correction.Key),
        Instants.ToDateTimeOffset(correction.WindowStart),
        Instants.ToDateTimeOffset(correction.WindowEnd),
        correction.First,
        correction.Before is { } before ? JsonNode.Parse(before) : null,
        correction.After is { } after ? JsonNode.Parse(after) : null,
        correction.Reasons);
}

using Lambda.Batch.Recompute.Corrections;
using Lambda.Batch.Recompute.Range;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Recompute;

/// <summary>What there is to say at the end of a run.</summary>
internal sealed record RunEnd(
    long Generation,
    AuditReport Report,
    Computation Computation,
    CarryOver? Carried,
    RecomputedRange? Range,
    string? Obstacle,
    Boundary Boundary,
    RunChanges Changes)
{
    private string Read => Carried is null
        ? $"{Counted(Computation.Rows, "event", "events")} up to {Boundary}"
        : $"{Counted(Computation.Rows, "new event", "new events")} in {Counted(Dates, "date", "dates")} up to {Boundary}, all else carried over from "
            + $"generation {Carried.From.Generation}"
            + (Range is null ? "" : $" but the windows of {Counted(Range.Computation.Rows, "event", "events")} in the range, computed anew");

    private int Dates => Computation.RowsByDate.Count(date => date.Value > 0);

    /// <summary>Why everything was read, if somebody may wonder.</summary>
    private string WhyAll => Obstacle is null ? "" : $" Everything was computed, as {Obstacle}.";

    private string Removed =>
        $"{Counted(Computation.Repetitions.Count, "repetition", "repetitions")} and {Counted(Computation.Refused.Count, "refused event", "refused events")} removed, "
            + $"{Counted(Changes.Count, "window", "windows")} corrected";

    private string Blocks => string.Join(
        " ",
        Report.Checks.Where(check => check.Verdict == CheckVerdict.Failed && check.Severity == CheckSeverity.Block)
            .Select(check => $"{check.Name}: {check.Message}"));

    public RunResult Published() =>
        Of(RunOutcome.Published, Generation, Changes.Count, $"Generation {Generation} serves: {Read}, {Removed}.{WhyAll}");

    public RunResult Blocked() => Of(RunOutcome.Blocked, Generation, 0, $"Generation {Generation} was blocked by {Blocks}");

    public RunResult Rehearsed() => Of(
        RunOutcome.Rehearsed,
        null,
        Changes.Count,
        $"Nothing was published. A publication would {(Report.Outcome == AuditOutcome.Blocked ? $"be blocked by {Blocks}" : "pass the audit")}: {Read}, "
            + $"{Removed}.{WhyAll}");

    private RunResult Of(RunOutcome outcome, long? generation, int corrections, string message) =>
        new(outcome, generation, Report, Computation.Rows, corrections, message)
        {
            Dates = Dates,
            CarriedFrom = Carried?.From.Generation,
            Changes = Changes.First,
        };

    private static string Counted(long number, string one, string several) => $"{number} {(number == 1 ? one : several)}";
}

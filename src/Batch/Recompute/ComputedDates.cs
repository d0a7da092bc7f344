using Lambda.Log;
using Lambda.Processing;

namespace Lambda.Batch.Recompute;

/// <summary>What was computed of some dates of a history.</summary>
/// <param name="Partials">Of all views and kinds; without those that were let go while events were read.</param>
/// <param name="RowsByDate">By date, how many events were read.</param>
/// <param name="Overtaken">How many events before those that were read do not count any more because of these.</param>
/// <param name="Repetitions">Events removed as repetitions, in any order.</param>
/// <param name="Refused">Events refused by row checks or expressions, in any order.</param>
/// <param name="Coverage">The offsets that were met.</param>
internal sealed record ComputedDates(
    PartialsByKind Partials,
    IReadOnlyDictionary<DateOnly, long> RowsByDate,
    long Overtaken,
    IReadOnlyList<LogPosition> Repetitions,
    IReadOnlyList<RefusedRow> Refused,
    OffsetCoverage Coverage)
{
    /// <summary>Whether it was proved that no two of the events have the same id, repetitions aside.</summary>
    public bool HasDistinctIds { get; init; }
}

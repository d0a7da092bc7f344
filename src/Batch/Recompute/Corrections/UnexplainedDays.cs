using Lambda.Batch.History.Files;
using Lambda.Store;

namespace Lambda.Batch.Recompute.Corrections;

/// <summary>Whole days that windows of a view touch which change without a reason: what is kept of these where they are many, as damage of a generation is told by days, too.</summary>
/// <param name="View">The view.</param>
/// <param name="Start">The first instant of the first day, in UTC microseconds.</param>
/// <param name="End">Where the last day ends, exclusive.</param>
internal readonly record struct UnexplainedDays(string View, long Start, long End)
{
    /// <summary>Those of a window.</summary>
    public static UnexplainedDays Of(Correction correction) => new(
        correction.View,
        EventDate.StartOf(EventDate.DayOf(correction.WindowStart)),
        EventDate.StartOf(EventDate.DayOf(Math.Max(correction.WindowStart, correction.WindowEnd - 1)) + 1));
}

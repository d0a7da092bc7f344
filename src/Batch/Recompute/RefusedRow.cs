using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;

namespace Lambda.Batch.Recompute;

/// <summary>A row that counts nowhere because a row check or an expression refused it.</summary>
/// <param name="Position">Where it stands in the log.</param>
/// <param name="Date">The date of the history that holds it.</param>
/// <param name="AppendedAt">When the log took it, in UTC microseconds.</param>
/// <param name="By">Who refused it.</param>
/// <param name="Reason">Why, as a fixed word.</param>
/// <param name="Detail">Why, in a sentence.</param>
internal sealed record RefusedRow(LogPosition Position, DateOnly Date, long AppendedAt, RefusedBy By, RejectReason Reason, string Detail);

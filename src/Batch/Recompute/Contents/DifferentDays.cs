using Lambda.Store;

namespace Lambda.Batch.Recompute.Contents;

/// <summary>Days on which two generations hold different partials.</summary>
/// <param name="First">The first day, counted from the beginning of 1970.</param>
/// <param name="End">The first day that is not among them.</param>
/// <param name="One">What the one holds.</param>
/// <param name="Other">What the other holds.</param>
internal readonly record struct DifferentDays(long First, long End, PartialSum One, PartialSum Other);

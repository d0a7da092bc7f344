using Lambda.Events;

namespace Lambda.Quality;

/// <summary>
/// A condition on the data as a whole that a generation has to pass. Applied to the rows that count: repetitions and rows refused by row
/// checks are left out.
/// </summary>
/// <param name="Severity">What a failure means.</param>
internal abstract record DataCheck(CheckSeverity Severity);

/// <summary>How many rows there are.</summary>
internal sealed record RowCountCheck(long AtLeast, long AtMost, CheckSeverity Severity) : DataCheck(Severity);

/// <summary>The share of rows in which a member is not null.</summary>
internal sealed record CompletenessCheck(EventMember Member, double AtLeast, CheckSeverity Severity) : DataCheck(Severity);

/// <summary>No value of a member stands in two rows; nulls aside.</summary>
internal sealed record UniquenessCheck(EventMember Member, CheckSeverity Severity) : DataCheck(Severity);

/// <summary>Every value of a member lies in a closed range; nulls aside. A bound that is null is open.</summary>
internal sealed record RangeCheck(EventMember Member, object? Minimum, object? Maximum, CheckSeverity Severity) : DataCheck(Severity);

using System.Globalization;
using Lambda.Quality;
using Lambda.Store;

namespace Lambda.Batch.Audit.Data;

/// <summary>A data check as figures to measure, and what to make of them.</summary>
/// <param name="Check">The check.</param>
/// <param name="Expected">What is expected, for the report: <c>at least 0.99</c>.</param>
/// <param name="Judge">Judges the figures.</param>
internal sealed record PlannedCheck(DataCheck Check, string Expected, Func<Figures, Finding> Judge)
{
    /// <summary>Aggregates over <c>events</c> that give the figures, in the one scan that all checks share.</summary>
    public IReadOnlyList<Aggregate> Aggregates { get; init; } = [];

    /// <summary>The values that must not be repeated, where the figures tell whether they are; null for checks of anything else.</summary>
    public UniqueKey? Key { get; init; }

    /// <summary>
    /// A query of its own that gives the figures in one row: asked when there are no aggregates, or when by theirs, which may be too strict but never too
    /// lenient, the check fails.
    /// </summary>
    public string? OwnQuery { get; init; }

    /// <summary>Whether what it asks of all rows follows from what is measured of parts of them.</summary>
    public bool AddsUp => Aggregates.Count > 0 ? Aggregates.All(aggregate => aggregate.AddsUp) : OwnQuery is null;

    /// <summary>A check whose verdict needs no figures.</summary>
    public static PlannedCheck Settled(DataCheck check, string expected, Finding finding) => new(check, expected, _ => finding);

    /// <summary>A check that cannot be applied because something it needs is not as it should be, which is a failure like another.</summary>
    public static PlannedCheck Broken(DataCheck check, string problem) =>
        Settled(check, "that the check can be applied", new Finding(CheckVerdict.Failed, null, $"The check could not be applied. {problem}"));
}

/// <summary>What was measured.</summary>
/// <param name="Values">In the order of the aggregates; null stands for SQL's.</param>
internal readonly record struct Figures(ReadOnlyMemory<object?> Values)
{
    /// <summary>A figure; null when there is none.</summary>
    public double? Number(int index) => Values.Span[index] is { } value ? Convert.ToDouble(value, CultureInfo.InvariantCulture) : null;

    /// <summary>A count.</summary>
    public long Count(int index) => Values.Span[index] is { } value ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : 0;

    /// <summary>A list of counts; empty when there is none.</summary>
    public IReadOnlyList<long> Counts(int index) => Values.Span[index] is IEnumerable<long> counts ? [.. counts] : [];
}

/// <summary>What the figures of a check come to.</summary>
/// <param name="Verdict">Whether it is met.</param>
/// <param name="Observed">The figure that was judged.</param>
/// <param name="Message">What was found, in a sentence.</param>
internal sealed record Finding(CheckVerdict Verdict, double? Observed, string Message)
{
    /// <summary>How many rows fail; null when no single row does.</summary>
    public long? FailingRows { get; init; }

    /// <summary>A query of rows to show, without a limit; null when there are none.</summary>
    public string? Samples { get; init; }

    /// <summary>What becomes a point of a metric's history.</summary>
    public MetricValue? Measured { get; init; }

    /// <summary>Met or not, with the sentence that all checks of one figure share.</summary>
    public static Finding Of(bool isMet, double figure, string measured, string expected) => new(
        isMet ? CheckVerdict.Passed : CheckVerdict.Failed,
        figure,
        string.Create(CultureInfo.InvariantCulture, $"The {measured} is {figure}{(isMet ? "" : $", but {expected} was expected")}."));
}

using System.Globalization;
using Lambda.Events;

namespace Lambda.Quality;

/// <summary>
/// A condition on the data as a whole that a generation has to pass. Applied to the rows that count: repetitions and rows refused by row
/// checks are left out.
/// </summary>
/// <param name="Severity">What a failure means.</param>
internal abstract record DataCheck(CheckSeverity Severity)
{
    /// <summary>What is checked, as reports and messages name it: <c>range of price</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The metric whose history it measures; null for a check that has no history.</summary>
    public virtual string? KeptMetric => null;
}

/// <summary>How many rows there are.</summary>
internal sealed record RowCountCheck(long AtLeast, long AtMost, CheckSeverity Severity) : DataCheck(Severity)
{
    public override string Name => "row count";
}

/// <summary>The share of rows in which a member is not null.</summary>
internal sealed record CompletenessCheck(EventMember Member, double AtLeast, CheckSeverity Severity) : DataCheck(Severity)
{
    public override string Name => $"completeness of {Member.Path}";
}

/// <summary>No values of some members stand together in two rows; rows in which one of them is null aside.</summary>
internal sealed record UniquenessCheck(IReadOnlyList<EventMember> Members, CheckSeverity Severity) : DataCheck(Severity)
{
    public override string Name => $"uniqueness of {string.Join(" and ", Members.Select(member => member.Path))}";
}

/// <summary>
/// Every value of a member lies in a closed range; nulls aside. A bound that is null is open. Bounds are int, long, double or decimal, and UTC microseconds
/// for instants.
/// </summary>
internal sealed record RangeCheck(EventMember Member, object? Minimum, object? Maximum, CheckSeverity Severity) : DataCheck(Severity)
{
    public override string Name => $"range of {Member.Path}";
}

/// <summary>Every value of a member is one of a few; nulls aside.</summary>
/// <param name="Member">The member.</param>
/// <param name="Values">The values as its column holds them: see <see cref="ColumnValue"/>.</param>
/// <param name="Severity">What a failure means.</param>
internal sealed record AllowedValuesCheck(EventMember Member, IReadOnlyList<object> Values, CheckSeverity Severity) : DataCheck(Severity)
{
    public override string Name => $"allowed values of {Member.Path}";
}

/// <summary>Every value of a text, as a whole, matches a regular expression in the syntax of RE2; nulls aside.</summary>
internal sealed record PatternCheck(EventMember Member, string Pattern, CheckSeverity Severity) : DataCheck(Severity)
{
    public override string Name => $"pattern of {Member.Path}";
}

/// <summary>The newest event is no older than that when the audit runs.</summary>
internal sealed record FreshnessCheck(EventMember EventTime, TimeSpan AtMost, CheckSeverity Severity) : DataCheck(Severity)
{
    public override string Name => "freshness";
}

/// <summary>Every value of a member stands in another set of data; nulls aside.</summary>
internal sealed record ReferenceCheck(EventMember Member, ReferencedValues Values, CheckSeverity Severity) : DataCheck(Severity)
{
    public override string Name => $"reference of {Member.Path} to {Values.Name}";
}

/// <summary>The values that a reference points at.</summary>
internal abstract record ReferencedValues
{
    /// <summary>What they are, for names and messages.</summary>
    public abstract string Name { get; }
}

/// <summary>The values of a member in a stream's history, whether its rows count or not.</summary>
internal sealed record ReferencedStream(string Stream, EventMember Member) : ReferencedValues
{
    public override string Name => $"{Stream}.{Member.Path}";
}

/// <summary>The values of a column of a Parquet or CSV file.</summary>
internal sealed record ReferencedFile(string File, string Column) : ReferencedValues
{
    public override string Name => $"{Column} in {File[(File.AsSpan().LastIndexOfAny('/', '\\') + 1)..]}";

    /// <summary>Whether it is a Parquet file; a CSV file otherwise.</summary>
    public bool IsParquet => File.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a file is of a kind that can be read.</summary>
    public static bool CanRead(string file) =>
        file.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A query over the relation <c>events</c> selects no rows: those it selects are wrong.</summary>
internal sealed record SqlCheck(string Title, string FailingRows, CheckSeverity Severity) : DataCheck(Severity)
{
    public override string Name => Title;
}

/// <summary>The values of a member in the events since the generation that serves are distributed as in that generation.</summary>
/// <param name="Member">The member.</param>
/// <param name="AtMost">The highest population stability index that passes.</param>
/// <param name="Bins">Into how many bins values are sorted.</param>
/// <param name="MinimumEvents">How many events each side has at least; fewer tell nothing.</param>
/// <param name="Severity">What a failure means.</param>
internal sealed record DriftCheck(EventMember Member, double AtMost, int Bins, long MinimumEvents, CheckSeverity Severity) : DataCheck(Severity)
{
    public override string Name => $"drift of {Member.Path}";

    /// <summary>Under which name distributions are kept: those of other bins cannot be compared.</summary>
    public string Metric => string.Create(CultureInfo.InvariantCulture, $"distribution of {Member.Path} in {Bins} bins");

    public override string? KeptMetric => Metric;
}

/// <summary>A metric is as far from the mean of its history as its history lets expect.</summary>
/// <param name="Metric">What is measured.</param>
/// <param name="Deviations">How many standard deviations it may be off.</param>
/// <param name="MinimumPoints">How many points of history it takes.</param>
/// <param name="Season">Which points of the history are comparable.</param>
/// <param name="Severity">What a failure means.</param>
internal sealed record AnomalyCheck(Metric Metric, double Deviations, int MinimumPoints, Season Season, CheckSeverity Severity) : DataCheck(Severity)
{
    public override string Name => $"anomaly of {Metric.Name}";

    public override string? KeptMetric => Metric.Name;
}

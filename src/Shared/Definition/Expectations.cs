using System.Linq.Expressions;
using System.Numerics;
using Lambda.Events;
using Lambda.Quality;
using Lambda.Time;

namespace Lambda.Definition;

/// <summary>
/// The conditions that a stream's data as a whole can be held to. Repetitions and rows that row checks refused are left out of all of them. Values that are
/// null are left out of all but completeness.
/// </summary>
/// <typeparam name="TEvent">The event type.</typeparam>
public sealed class Expectations<TEvent>
{
    private readonly CheckedMembers _members;
    private readonly EventMember? _eventTime;

    /// <param name="members">The members of the event.</param>
    /// <param name="eventTime">The event time; null while none is declared.</param>
    internal Expectations(CheckedMembers members, EventMember? eventTime)
    {
        _members = members;
        _eventTime = eventTime;
    }

    /// <summary>The number of rows lies between the two, both included.</summary>
    public Expectation RowCount(long atLeast, long atMost = long.MaxValue) => atLeast >= 0 && atLeast <= atMost
        ? new Expectation(new RowCountCheck(atLeast, atMost, CheckSeverity.Block))
        : throw Wrong($"RowCount({atLeast}, {atMost}) cannot be met. Give 0 <= atLeast <= atMost.");

    /// <summary>At least this share of rows, between 0 and 1, has a value.</summary>
    public Expectation Completeness<TValue>(Expression<Func<TEvent, TValue>> member, double atLeast) => atLeast is >= 0 and <= 1
        ? new Expectation(new CompletenessCheck(_members.Any(member, nameof(Completeness)), atLeast, CheckSeverity.Block))
        : throw Wrong($"Completeness cannot be at least {atLeast}. Give a share between 0 and 1.");

    /// <summary>
    /// No two rows have the same value, or the same values together: <c>f => new { f.Carrier, f.Number, f.Day }</c>. Rows in which one of them is null are
    /// left out.
    /// </summary>
    public Expectation Uniqueness<TValue>(Expression<Func<TEvent, TValue>> members) =>
        new(new UniquenessCheck(_members.Several(members, nameof(Uniqueness)), CheckSeverity.Block));

    /// <summary>Every value lies between the two, both included; nulls aside.</summary>
    public Expectation Range(Expression<Func<TEvent, int?>> member, int minimum, int maximum) => InRange(member, minimum, maximum);

    /// <inheritdoc cref="Range(Expression{Func{TEvent, int?}}, int, int)"/>
    public Expectation Range(Expression<Func<TEvent, long?>> member, long minimum, long maximum) => InRange(member, minimum, maximum);

    /// <inheritdoc cref="Range(Expression{Func{TEvent, int?}}, int, int)"/>
    public Expectation Range(Expression<Func<TEvent, double?>> member, double minimum, double maximum) => InRange(member, minimum, maximum);

    /// <inheritdoc cref="Range(Expression{Func{TEvent, int?}}, int, int)"/>
    public Expectation Range(Expression<Func<TEvent, decimal?>> member, decimal minimum, decimal maximum) => InRange(member, minimum, maximum);

    /// <inheritdoc cref="Range(Expression{Func{TEvent, int?}}, int, int)"/>
    public Expectation Range(Expression<Func<TEvent, DateTimeOffset?>> member, DateTimeOffset minimum, DateTimeOffset maximum) => minimum <= maximum
        ? new Expectation(new RangeCheck(
            _members.Plain(member, nameof(Range)), UtcMicroseconds.From(minimum), UtcMicroseconds.From(maximum), CheckSeverity.Block))
        : throw Wrong($"Range from {minimum:O} to {maximum:O} is empty. Give the lower bound first.");

    /// <inheritdoc cref="Range(Expression{Func{TEvent, int?}}, int, int)"/>
    /// <remarks>A <see cref="DateTime"/> is taken as UTC.</remarks>
    public Expectation Range(Expression<Func<TEvent, DateTime?>> member, DateTime minimum, DateTime maximum) => minimum <= maximum
        ? new Expectation(new RangeCheck(
            _members.Plain(member, nameof(Range)), UtcMicroseconds.FromDateTime(minimum), UtcMicroseconds.FromDateTime(maximum), CheckSeverity.Block))
        : throw Wrong($"Range from {minimum:O} to {maximum:O} is empty. Give the lower bound first.");

    /// <summary>Every value is one of these; nulls aside.</summary>
    public Expectation AllowedValues<TValue>(Expression<Func<TEvent, TValue>> member, params IReadOnlyCollection<TValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        EventMember column = _members.Plain(member, nameof(AllowedValues));
        return values.Count == 0
            ? throw Wrong($"AllowedValues of '{column.Path}' names no value. Name at least one.")
            : new Expectation(new AllowedValuesCheck(column, [.. values.Select(value => ColumnValue.Of(column, value ?? throw Wrong(
                $"AllowedValues of '{column.Path}' names null, which is left aside anyway. Leave it out, and use Completeness to refuse nulls.")))],
                CheckSeverity.Block));
    }

    /// <summary>
    /// Every value, from its first character to its last, matches a regular expression; nulls aside. The syntax is that of RE2
    /// (https://github.com/google/re2/wiki/Syntax), which has no look-around and no back references, and takes time in proportion to the length of the value
    /// whatever the expression is.
    /// </summary>
    /// <param name="member">A string.</param>
    /// <param name="pattern">The expression: <c>"[A-Z]{3}"</c>.</param>
    public Expectation Pattern(Expression<Func<TEvent, string?>> member, string pattern)
    {
        EventMember column = _members.Plain(member, nameof(Pattern));
        return string.IsNullOrEmpty(pattern)
            ? throw Wrong($"Pattern of '{column.Path}' is empty. Give a regular expression, such as \"[A-Z]{{3}}\".")
            : new Expectation(new PatternCheck(column, pattern, CheckSeverity.Block));
    }

    /// <summary>The newest event is at most that old when a generation is audited. Without any event it fails.</summary>
    public Expectation Freshness(TimeSpan atMost) => atMost > TimeSpan.Zero
        ? new Expectation(new FreshnessCheck(
            _eventTime ?? throw Wrong("Freshness is of the event time, which is not declared yet. Put .EventTime(e => e.Time) before it."),
            atMost, CheckSeverity.Block))
        : throw Wrong($"Freshness cannot be at most {atMost}. Give more than zero, such as TimeSpan.FromHours(1).");

    /// <summary>
    /// Every value stands in a member of another stream, as far as that is archived; nulls aside. There a value stands whether or not its row counts.
    /// </summary>
    /// <param name="member">The member: <c>f => f.Origin</c>.</param>
    /// <param name="stream">The other stream, of the same application.</param>
    /// <param name="referenced">Its member: <c>a => a.Code</c>.</param>
    public Expectation References<TOther, TValue>(
        Expression<Func<TEvent, TValue>> member, StreamBuilder<TOther> stream, Expression<Func<TOther, TValue>> referenced)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new Expectation(new ReferenceCheck(
            _members.Plain(member, nameof(References)), new ReferencedStream(stream.Name, stream.Members.Plain(referenced, nameof(References))),
            CheckSeverity.Block));
    }

    /// <summary>
    /// Every value stands in a column of a Parquet or CSV file, which is read anew by every audit; nulls aside. A CSV file has the names of its columns in the
    /// first line.
    /// </summary>
    /// <param name="member">The member: <c>f => f.Origin</c>.</param>
    /// <param name="file">
    /// The file. It ends in .parquet or .csv. A relative path starts at the program's folder, then at that of its source, then at the current one.
    /// </param>
    /// <param name="column">The name of its column.</param>
    public Expectation ReferencesFile<TValue>(Expression<Func<TEvent, TValue>> member, string file, string column)
    {
        EventMember from = _members.Plain(member, nameof(ReferencesFile));
        ArgumentNullException.ThrowIfNull(file);
        return !ReferencedFile.CanRead(file)
            ? throw Wrong($"ReferencesFile of '{from.Path}' cannot read '{file}'. Name a file that ends in .parquet or .csv.")
            : string.IsNullOrEmpty(column)
                ? throw Wrong($"ReferencesFile of '{from.Path}' names no column of '{file}'. Name the one that holds the values.")
                : new Expectation(new ReferenceCheck(from, new ReferencedFile(file, column), CheckSeverity.Block));
    }

    /// <summary>
    /// A query in DuckDB's SQL over the relation <c>events</c> finds nothing. What it selects are the rows that are wrong, which the report shows.
    /// <c>events</c> has a column per member, by its JSON name, and <c>_partition</c>, <c>_offset</c>, <c>_appended_at</c> and <c>_extra</c> of the history.
    /// </summary>
    /// <param name="name">What is checked: <c>every return has a sale</c>.</param>
    /// <param name="failingRows">One SELECT: <c>SELECT * FROM events WHERE departed > arrived</c>.</param>
    public Expectation Sql(string name, string failingRows) =>
        string.IsNullOrWhiteSpace(name) ? throw Wrong("a Sql check has no name. Name what it asks for, such as \"every return has a sale\".")
        : string.IsNullOrWhiteSpace(failingRows) || failingRows.Contains('\0', StringComparison.Ordinal)
            ? throw Wrong($"the Sql check '{name}' has no query. Give a SELECT of the rows that are wrong.")
            : new Expectation(new SqlCheck(name, failingRows.Trim().TrimEnd(';'), CheckSeverity.Block));

    /// <summary>
    /// The values of the events since the generation that serves are distributed as those of that generation: the population stability index of the two,
    /// <c>PSI = Σ (pᵢ − qᵢ) · ln(pᵢ / qᵢ)</c> over the bins i, is not higher than that. Below 0.1 is usually taken for no change and above 0.25 for a major
    /// one (N. Siddiqi, Credit Risk Scorecards, 2006). Not applied while there is no generation, or too few events.
    /// </summary>
    /// <param name="member">A number, which is sorted into bins between quantiles, or another value, of which the most frequent have a bin each.</param>
    /// <param name="atMost">The highest index that passes.</param>
    /// <param name="bins">How many bins there are, beside one for nulls.</param>
    /// <param name="minimumEvents">How many events it takes on both sides; the index of few is high by chance.</param>
    public Expectation Drift<TValue>(Expression<Func<TEvent, TValue>> member, double atMost = 0.2, int bins = 10, long minimumEvents = 500) =>
        !(atMost > 0) ? throw Wrong($"Drift cannot be at most {atMost}. Give more than zero, such as 0.2.")
        : bins is < 2 or > 100 ? throw Wrong($"Drift cannot have {bins} bins. Give 2 to 100.")
        : minimumEvents < 1 ? throw Wrong($"Drift cannot need {minimumEvents} events. Give 1 or more.")
        : new Expectation(new DriftCheck(_members.Plain(member, nameof(Drift)), atMost, bins, minimumEvents, CheckSeverity.Block));

    /// <summary>
    /// A metric of the events since the generation that serves is at most so many standard deviations from the mean of its history: of its figures for the
    /// generations that went live. Not applied while there is no generation or the history is too short.
    /// </summary>
    /// <param name="metric">Chooses the metric: <c>m => m.Mean(f => f.Delay)</c>.</param>
    /// <param name="deviations">How many (sample) standard deviations it may be off; where the history never varied, any other figure fails.</param>
    /// <param name="minimumPoints">How many points of history it takes.</param>
    /// <param name="season">Which points count: all, or those of the same hour, or of the same day of the week and hour.</param>
    public Expectation Anomaly(Func<Metrics<TEvent>, Metric> metric, double deviations = 3, int minimumPoints = 10, Season season = Season.None)
    {
        ArgumentNullException.ThrowIfNull(metric);
        Metric measured = metric(new Metrics<TEvent>(_members));
        return !(deviations > 0) ? throw Wrong($"Anomaly of the {measured.Name} cannot allow {deviations} deviations. Give more than zero, such as 3.")
            : minimumPoints < 2 ? throw Wrong($"Anomaly of the {measured.Name} cannot judge by {minimumPoints} points. Give 2 or more.")
            : !Enum.IsDefined(season) ? throw Wrong($"Anomaly of the {measured.Name} has no season {season}. Use one of Season.")
            : new Expectation(new AnomalyCheck(measured, deviations, minimumPoints, season, CheckSeverity.Block));
    }

    private Expectation InRange<TValue>(LambdaExpression member, TValue minimum, TValue maximum)
        where TValue : struct, INumber<TValue> => minimum <= maximum
        ? new Expectation(new RangeCheck(_members.Number(member, nameof(Range)), minimum, maximum, CheckSeverity.Block))
        : throw Wrong($"Range from {minimum} to {maximum} is empty. Give the lower bound first.");

    private DefinitionException Wrong(string what) => _members.Wrong(what);
}

/// <summary>A condition on a stream's data, made by <see cref="Expectations{TEvent}"/>.</summary>
public sealed class Expectation
{
    internal Expectation(DataCheck check) => Check = check;

    internal DataCheck Check { get; }
}

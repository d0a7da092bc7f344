using System.Linq.Expressions;
using System.Numerics;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Quality;

namespace Lambda.Definition;

/// <summary>The conditions that a stream's data as a whole can be held to. Repetitions and rows that row checks refused are left out of all of them.</summary>
/// <typeparam name="TEvent">The event type.</typeparam>
public sealed class Expectations<TEvent>
{
    private readonly string _stream;
    private readonly EventSchema _schema;

    internal Expectations(string stream, EventSchema schema)
    {
        _stream = stream;
        _schema = schema;
    }

    /// <summary>The number of rows lies between the two, both included.</summary>
    public Expectation RowCount(long atLeast, long atMost = long.MaxValue) => atLeast >= 0 && atLeast <= atMost
        ? new Expectation(new RowCountCheck(atLeast, atMost, CheckSeverity.Block))
        : throw Wrong($"RowCount({atLeast}, {atMost}) cannot be met. Give 0 <= atLeast <= atMost.");

    /// <summary>At least this share of rows, between 0 and 1, has a value.</summary>
    public Expectation Completeness<TValue>(Expression<Func<TEvent, TValue>> member, double atLeast) => atLeast is >= 0 and <= 1
        ? new Expectation(new CompletenessCheck(Member(member, nameof(Completeness)), atLeast, CheckSeverity.Block))
        : throw Wrong($"Completeness cannot be at least {atLeast}. Give a share between 0 and 1.");

    /// <summary>No two rows have the same value; nulls aside.</summary>
    public Expectation Uniqueness<TValue>(Expression<Func<TEvent, TValue>> member) =>
        new(new UniquenessCheck(Member(member, nameof(Uniqueness)), CheckSeverity.Block));

    /// <summary>Every value lies between the two, both included; nulls aside.</summary>
    public Expectation Range(Expression<Func<TEvent, int?>> member, int minimum, int maximum) => InRange(member, minimum, maximum);

    /// <inheritdoc cref="Range(Expression{Func{TEvent, int?}}, int, int)"/>
    public Expectation Range(Expression<Func<TEvent, long?>> member, long minimum, long maximum) => InRange(member, minimum, maximum);

    /// <inheritdoc cref="Range(Expression{Func{TEvent, int?}}, int, int)"/>
    public Expectation Range(Expression<Func<TEvent, double?>> member, double minimum, double maximum) => InRange(member, minimum, maximum);

    /// <inheritdoc cref="Range(Expression{Func{TEvent, int?}}, int, int)"/>
    public Expectation Range(Expression<Func<TEvent, decimal?>> member, decimal minimum, decimal maximum) => InRange(member, minimum, maximum);

    private Expectation InRange<TValue>(LambdaExpression member, TValue minimum, TValue maximum)
        where TValue : struct, INumber<TValue> => minimum <= maximum
        ? new Expectation(new RangeCheck(Member(member, nameof(Range)), minimum, maximum, CheckSeverity.Block))
        : throw Wrong($"Range from {minimum} to {maximum} is empty. Give the lower bound first.");

    private EventMember Member(LambdaExpression selector, string call)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return ReadMembers.Direct(selector, _schema) ?? throw Wrong(
            $"{call}({selector}) is not a member of the event. Name a member, such as e => e.{_schema.Members[0].Name}.");
    }

    private DefinitionException Wrong(string what) => new($"Stream '{_stream}': {what}");
}

/// <summary>A condition on a stream's data, made by <see cref="Expectations{TEvent}"/>.</summary>
public sealed class Expectation
{
    internal Expectation(DataCheck check) => Check = check;

    internal DataCheck Check { get; }
}

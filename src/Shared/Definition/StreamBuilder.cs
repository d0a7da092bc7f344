using System.Globalization;
using System.Linq.Expressions;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Quality;
using Lambda.Views;

namespace Lambda.Definition;

/// <summary>Declares a stream: what its events are, how time works in it, what is checked, and the views over it.</summary>
/// <typeparam name="TEvent">
/// The event type. Its public properties are the columns: bool, integers, float, double, decimal, string, enums, Guid, Uri, DateOnly, TimeSpan,
/// DateTime or DateTimeOffset, objects of such, and arrays of any of them, nullable or not.
/// </typeparam>
public sealed class StreamBuilder<TEvent> : IStreamBuilder
{
    private static readonly TimeSpan DefaultIdleAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DefaultMaxFutureSkew = TimeSpan.FromHours(1);
    private const int DefaultPartitions = 4;

    private readonly string _name;
    private readonly EventSchema _schema;
    private readonly List<RowCheck> _rowChecks = [];
    private readonly List<DataCheck> _dataChecks = [];
    private readonly List<IViewBuilder> _views = [];

    /// <summary>Views over the same array share what is made of its elements.</summary>
    private readonly Dictionary<EventMember, Flattening> _flattenings = [];
    private EventMember? _eventTime;
    private EventMember? _eventId;
    private EventMember? _partitionKey;
    private TimeSpan _outOfOrderness;
    private TimeSpan _idleAfter = DefaultIdleAfter;
    private TimeSpan _maxFutureSkew = DefaultMaxFutureSkew;
    private int _partitions = DefaultPartitions;
    private string? _recomputeSchedule;

    /// <summary>Begins the declaration of a stream.</summary>
    /// <exception cref="DefinitionException">The name or the event type cannot be used.</exception>
    public StreamBuilder(string name)
    {
        Names.Validate("stream", name);
        _name = name;
        _schema = EventSchema.Of(typeof(TEvent));
    }

    string IStreamBuilder.Name => _name;

    internal string Name => _name;

    /// <summary>Finds members for checks.</summary>
    internal CheckedMembers Members => new(_name, _schema);

    /// <summary>Which member says when an event happened. Required. A <see cref="DateTime"/> is taken as UTC.</summary>
    public StreamBuilder<TEvent> EventTime(Expression<Func<TEvent, DateTimeOffset>> member) => SetEventTime(member);

    /// <inheritdoc cref="EventTime(Expression{Func{TEvent, DateTimeOffset}})"/>
    public StreamBuilder<TEvent> EventTime(Expression<Func<TEvent, DateTime>> member) => SetEventTime(member);

    /// <summary>
    /// Which member identifies an event. Two records with the same id and the same event time are the same event, and the batch layer counts the
    /// first. Without it every record is an event of its own.
    /// </summary>
    public StreamBuilder<TEvent> EventId<TId>(Expression<Func<TEvent, TId>> member)
    {
        _eventId = Member(member, nameof(EventId));
        if (_eventId.Type is not (ColumnType.String or ColumnType.Int32 or ColumnType.Int64))
        {
            throw Wrong($"EventId cannot be '{_eventId.Name}', which is a {_eventId.Type}. Use a Guid, string, int or long member.");
        }

        return this;
    }

    /// <summary>Which member chooses the partition of a record: those of one value stay in order. Without it records spread by their content.</summary>
    public StreamBuilder<TEvent> PartitionBy<TKey>(Expression<Func<TEvent, TKey>> member)
    {
        _partitionKey = Member(member, nameof(PartitionBy));
        return this;
    }

    /// <summary>How many partitions the stream gets when it is created; 4 by default. An existing stream keeps the number it has.</summary>
    public StreamBuilder<TEvent> Partitions(int count)
    {
        _partitions = count is >= 1 and <= 4096 ? count : throw Wrong($"it cannot have {count} partitions. Give it 1 to 4096.");
        return this;
    }

    /// <summary>
    /// When the batch layer recomputes the stream, as a cron expression of five fields in UTC, such as <c>"0 3 * * *"</c> for every night at three; as often as
    /// the batch layer's options say by default. What is no cron expression stops the host from starting.
    /// </summary>
    public StreamBuilder<TEvent> RecomputeEvery(string cron)
    {
        _recomputeSchedule = !string.IsNullOrWhiteSpace(cron)
            ? cron
            : throw Wrong("RecomputeEvery needs a cron expression of five fields, such as \"0 3 * * *\".");
        return this;
    }

    /// <summary>How far an event may be behind the newest one of its partition before the watermark passes it; zero by default.</summary>
    public StreamBuilder<TEvent> OutOfOrderness(TimeSpan bound)
    {
        _outOfOrderness = bound >= TimeSpan.Zero
            ? bound
            : throw Wrong($"OutOfOrderness cannot be {bound}. Give zero or more, such as TimeSpan.FromMinutes(15).");
        return this;
    }

    /// <summary>After how long without records a partition no longer holds back the stream's watermark; one minute by default.</summary>
    public StreamBuilder<TEvent> IdleAfter(TimeSpan duration)
    {
        _idleAfter = duration > TimeSpan.Zero
            ? duration
            : throw Wrong($"IdleAfter cannot be {duration}. Give more than zero, such as TimeSpan.FromSeconds(30).");
        return this;
    }

    /// <summary>
    /// How far an event time may be ahead of the time at which the log took the record; one hour by default. A record further ahead is quarantined,
    /// as one wrong clock would otherwise make all other events late.
    /// </summary>
    public StreamBuilder<TEvent> MaxFutureSkew(TimeSpan skew)
    {
        _maxFutureSkew = skew >= TimeSpan.Zero ? skew : throw Wrong($"MaxFutureSkew cannot be {skew}. Give zero or more.");
        return this;
    }

    /// <summary>A condition that each event must meet. The batch layer quarantines events that do not, and does not count them.</summary>
    public StreamBuilder<TEvent> Check(string name, Expression<Func<TEvent, bool>> condition)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            throw Wrong("a check has no name. Name what it asks for, such as \"plausible amount\": events that fail are quarantined under that name.");
        }

        if (_rowChecks.Any(check => check.Name == name))
        {
            throw Wrong($"there are two checks named '{name}'. Give each a name of its own.");
        }

        _rowChecks.Add(new RowCheck(name, Selectors.Prepare(condition, $"stream '{_name}', check '{name}'")));
        return this;
    }

    /// <summary>A condition on the data as a whole that a generation has to pass before it goes live.</summary>
    /// <exception cref="DefinitionException">The condition makes no sense; patterns, files and SQL are tried when the batch layer starts.</exception>
    /// <param name="condition">Chooses the condition: <c>e => e.Completeness(f => f.Origin, atLeast: 0.99)</c>.</param>
    /// <param name="severity">What a failure means.</param>
    public StreamBuilder<TEvent> Expect(Func<Expectations<TEvent>, Expectation> condition, CheckSeverity severity = CheckSeverity.Block)
    {
        ArgumentNullException.ThrowIfNull(condition);
        _dataChecks.Add(condition(new Expectations<TEvent>(Members, _eventTime)).Check with { Severity = severity });
        return this;
    }

    /// <summary>Begins the declaration of a view.</summary>
    /// <exception cref="DefinitionException">The name cannot be used.</exception>
    public ViewBuilder<TEvent> View(string name)
    {
        Names.Validate("view", name);
        ViewBuilder<TEvent> view = new(_name, name, _schema);
        _views.Add(view);
        return view;
    }

    /// <summary>
    /// Takes the elements of an array instead of the events: one purchase, many items. A null or empty array has none; an event of which one element
    /// makes an expression throw counts in no view at all.
    /// </summary>
    /// <param name="elements">The array: <c>p => p.Items</c>.</param>
    public ElementsBuilder<TElement> SelectMany<TElement>(Expression<Func<TEvent, IEnumerable<TElement>?>> elements) =>
        new(_name, new ElementSelectors(Flatten(elements), result: null), _views.Add);

    /// <summary>Takes the elements of an array with members of their events: one purchase, many items.</summary>
    /// <param name="elements">The array: <c>p => p.Items</c>.</param>
    /// <param name="result">What views see of each: <c>(p, item) => new { p.Country, item.Sku, item.Price }</c>. It is not made; only its members are read.</param>
    /// <inheritdoc cref="SelectMany{TElement}(Expression{Func{TEvent, IEnumerable{TElement}}})"/>
    public ElementsBuilder<TResult> SelectMany<TElement, TResult>(
        Expression<Func<TEvent, IEnumerable<TElement>?>> elements, Expression<Func<TEvent, TElement, TResult>> result) =>
        new(_name, new ElementSelectors(Flatten(elements), Selectors.Prepare(result, $"stream '{_name}', SelectMany")), _views.Add);

    StreamDefinition IStreamBuilder.Build() => new()
    {
        Name = _name,
        Schema = _schema,
        EventTime = _eventTime ?? throw Wrong(
            "no event time is declared. Say which member holds it, such as .EventTime(e => e.Time)."),
        EventId = _eventId,
        PartitionKey = _partitionKey,
        Partitions = _partitions,
        RecomputeSchedule = _recomputeSchedule,
        OutOfOrderness = _outOfOrderness,
        IdleAfter = _idleAfter,
        MaxFutureSkew = _maxFutureSkew,
        RowChecks = [.. _rowChecks],
        DataChecks = [.. _dataChecks],
        Views = [.. _views.Select(view => view.Build(
            $"time {_eventTime.Name} bound {_outOfOrderness.Ticks.ToString(CultureInfo.InvariantCulture)}", _partitionKey))],
    };

    private StreamBuilder<TEvent> SetEventTime(LambdaExpression selector)
    {
        _eventTime = Member(selector, nameof(EventTime));
        return _eventTime.IsNullable
            ? throw Wrong($"EventTime cannot be '{_eventTime.Name}', which may be null. Use a member that is not nullable.")
            : this;
    }

    private Flattening Flatten(LambdaExpression elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        if (ReadMembers.Direct(elements, _schema) is not { Kind: MemberKind.List } list)
        {
            throw Wrong($"SelectMany({elements}) is not an array of the event. Name a member that is an array or list, such as SelectMany(e => e.Items), and "
                + "filter elements with Where on the view.");
        }

        if (!_flattenings.TryGetValue(list, out Flattening? flattening))
        {
            flattening = new Flattening(_schema, list);
            _flattenings.Add(list, flattening);
        }

        return flattening;
    }

    private EventMember Member(LambdaExpression selector, string call)
    {
        ArgumentNullException.ThrowIfNull(selector);
        EventMember member = ReadMembers.Direct(selector, _schema) ?? throw Wrong(
            $"{call}({selector}) is not a member of the event. Name a member, such as {call}(e => e.{_schema.Members[0].Name}).");
        return member is { Parent: null, Kind: MemberKind.Value } ? member : throw Wrong(
            $"{call} cannot be '{member.Path}', which {(member.Parent is null ? "is no plain value" : "lies within another member")}. Use a plain value of the "
            + "event's own.");
    }

    private DefinitionException Wrong(string what) => new($"Stream '{_name}': {what}");
}

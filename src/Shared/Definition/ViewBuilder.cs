using System.Globalization;
using System.Linq.Expressions;
using System.Security.Cryptography;
using System.Text;
using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Definition;

/// <summary>
/// Declares a view: which events count, how they are grouped, cut into windows and aggregated. Given in this order, with the aggregates last, the
/// declaration knows the types of keys and results, by which tests can read them.
/// </summary>
/// <typeparam name="TEvent">The event type.</typeparam>
public class ViewBuilder<TEvent> : IViewBuilder
{
    /// <summary>The builder that the stream knows; those that go on with it write into it.</summary>
    private readonly ViewBuilder<TEvent> _declared;
    private readonly string _stream;
    private readonly string _name;
    private readonly EventSchema _schema;

    /// <summary>How events are made of elements; null when they are those of the stream.</summary>
    private readonly ElementSelectors? _elements;
    private LambdaExpression? _filter;
    private IReadOnlyList<KeyDefinition> _keys = [];
    private WindowSpec? _window;
    private TimeSpan _allowedLateness;
    private IReadOnlyList<AggregateDefinition>? _aggregates;

    internal ViewBuilder(string stream, string name, EventSchema schema)
    {
        _stream = stream;
        _name = name;
        _schema = schema;
        _declared = this;
    }

    internal ViewBuilder(string stream, string name, ElementSelectors elements)
        : this(stream, name, elements.Flattening.Schema) => _elements = elements;

    private protected ViewBuilder(ViewBuilder<TEvent> begun)
    {
        _elements = begun._elements;
        _stream = begun._stream;
        _name = begun._name;
        _schema = begun._schema;
        _declared = begun._declared;
    }

    /// <summary>The view's name.</summary>
    public string Name => _name;

    private string Place => $"view '{_name}'";

    /// <summary>Counts only events that meet the condition. Conditions given one after the other must all be met.</summary>
    public ViewBuilder<TEvent> Where(Expression<Func<TEvent, bool>> condition)
    {
        LambdaExpression prepared = Rebase(Selectors.Prepare(condition, Place));
        _declared._filter = _declared._filter is not { } filter
            ? prepared
            : Expression.Lambda(
                Expression.AndAlso(filter.Body, ParameterReplacement.Replace(prepared.Body, prepared.Parameters[0], filter.Parameters[0])),
                filter.Parameters);
        return this;
    }

    /// <summary>
    /// Groups by a value, <c>f => f.Origin</c>, or by several (63 at most), <c>f => new { f.Origin, f.Destination }</c> or a record,
    /// <c>f => new Route(f.Origin, f.Destination)</c>. Parts may be strings, bools, integers, enums, Guids, dates or instants, nullable or not. Without it
    /// there is one group.
    /// </summary>
    public GroupedViewBuilder<TEvent, TKey> GroupBy<TKey>(Expression<Func<TEvent, TKey>> key)
    {
        LambdaExpression prepared = Selectors.Prepare(key, Place);
        _declared._keys = GroupKeys.Parse(Rebase(prepared), _schema, Place, _elements is null ? null : ElementSelectors.NameOf(prepared));
        return new GroupedViewBuilder<TEvent, TKey>(this);
    }

    /// <summary>How events are cut into windows. Required.</summary>
    /// <exception cref="DefinitionException">The window's parameters make none, such as a length of zero.</exception>
    public ViewBuilder<TEvent> Window(WindowSpec window)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (window is RefusedWindow refused)
        {
            throw Wrong(refused.Reason.Message);
        }

        _declared._window = window;
        return this;
    }

    /// <summary>
    /// How long after the watermark has passed its end a window still takes events in the speed layer; zero by default. Later ones are counted as
    /// late, and by the batch layer.
    /// </summary>
    public ViewBuilder<TEvent> AllowedLateness(TimeSpan lateness)
    {
        _declared._allowedLateness = lateness >= TimeSpan.Zero
            ? lateness
            : throw Wrong($"AllowedLateness cannot be {lateness}. Give zero or more, such as TimeSpan.FromMinutes(5).");
        return this;
    }

    /// <summary>
    /// What is computed per key and window: <c>a => new { Flights = a.Count(), TotalDelay = a.Sum(f => f.Delay) }</c>, or a record of your own in place of
    /// the anonymous type, <c>a => new Delays(a.Count(), a.Sum(f => f.Delay))</c>. Required.
    /// </summary>
    public DeclaredView<TEvent, NoKey, TResult> Aggregate<TResult>(Expression<Func<Aggregates<TEvent>, TResult>> aggregates) =>
        AggregateAs<NoKey, TResult>(aggregates);

    private protected DeclaredView<TEvent, TKey, TResult> AggregateAs<TKey, TResult>(Expression<Func<Aggregates<TEvent>, TResult>> aggregates)
    {
        ArgumentNullException.ThrowIfNull(aggregates);
        _declared._aggregates =
        [
            .. AggregateCalls.Parse(aggregates, Place)
                .Select(aggregate => aggregate with { Selector = aggregate.Selector is { } selector ? Rebase(selector) : null }),
        ];
        return new DeclaredView<TEvent, TKey, TResult>(this);
    }

    ViewDefinition IViewBuilder.Build(string time, EventMember? partitionKey)
    {
        WindowSpec window = _window
            ?? throw Wrong("no window is declared. Say how events are cut, such as .Window(Tumbling.Every(TimeSpan.FromHours(1))).");
        IReadOnlyList<AggregateDefinition> aggregates = SharedStates.Among(_aggregates
            ?? throw Wrong("no aggregate is declared. Say what is computed, such as .Aggregate(a => new { Events = a.Count() })."));
        if (_keys.Select(key => key.Name).Concat(aggregates.SelectMany(ColumnNames))
            .GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw Wrong($"two of its keys, aggregates and their state columns are named '{twice.Key}'. Give each a name of its own; an average, for "
                + "example, keeps its state in columns named after it, with _sum and _count.");
        }

        if (window is CountWindows)
        {
            RequireOrder(partitionKey);
        }

        PartialLayout layout = new(
            _stream,
            _name,
            Hash(time, window, aggregates),
            [.. _keys.Select(key => new PartialColumn(key.Name, key.Type, key.IsNullable))],
            [.. aggregates.SelectMany(States)],
            window switch
            {
                SessionWindows => PartialAddressing.Session,
                CountWindows => PartialAddressing.Position,
                _ => PartialAddressing.Interval,
            },
            WindowReach: window is SlicedWindows { Slicing.Reach: var reach } ? reach : 0)
        {
            Answer = SqlAnswers.Of(window, aggregates),
        };
        return new ViewDefinition
        {
            Name = _name,
            Stream = _stream,
            Flattening = _elements?.Flattening,
            Filter = _filter,
            Keys = _keys,
            Window = window,
            AllowedLateness = _allowedLateness,
            Aggregates = aggregates,
            Layout = layout,
        };
    }

    /// <summary>Windows that are made by the order of events need one: the log keeps order within a partition, and no event breaks it by being late.</summary>
    private void RequireOrder(EventMember? partitionKey)
    {
        if (_elements is not null)
        {
            throw Wrong("windows of a count take events in the order of the log, but the elements of one event have one place in it. Use another window, or "
                + "count events: a view over the stream itself.");
        }

        if (partitionKey is null)
        {
            throw Wrong($"events are counted in the order of the log, and stream '{_stream}' keeps none among the events of a key. Declare the member that "
                + $"the view groups by with .PartitionBy(e => e.{_schema.Members[0].Name}) on the stream.");
        }

        if (!_keys.Any(key => ReadMembers.Direct(key.Selector, _schema) == partitionKey && ReadMembers.KeepsApart(key.Selector)))
        {
            throw Wrong($"events are counted in the order of the log, which holds within a partition, and stream '{_stream}' is partitioned by "
                + $"'{partitionKey.Name}'. Group by that member, .GroupBy(e => e.{partitionKey.Name}), or by it and others.");
        }

        if (_allowedLateness != TimeSpan.Zero)
        {
            throw Wrong("no event is late for a window that counts events, whatever the watermark says. Leave AllowedLateness out.");
        }
    }

    private static IEnumerable<PartialColumn> States(AggregateDefinition aggregate) =>
        aggregate.StateColumns.Select(column => new PartialColumn(
            column.Name.Length == 0 ? aggregate.Name : $"{aggregate.Name}_{column.Name}", column.Type, column.IsNullable));

    private static IEnumerable<string> ColumnNames(AggregateDefinition aggregate) =>
        States(aggregate).Select(column => column.Name).Except([aggregate.Name]).Prepend(aggregate.Name);

    /// <summary>Equal for definitions that give equal partials, in every process: the first 64 bits of SHA-256 over the canonical text.</summary>
    private string Hash(string time, WindowSpec window, IReadOnlyList<AggregateDefinition> aggregates)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"stream {_stream}\n{time}\nfilter {ExpressionText.Of(_filter)}\nwindow {window.Signature}\n");
        text.Append(CultureInfo.InvariantCulture, $"lateness {_allowedLateness.Ticks}\n");
        if (_elements is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"elements {_elements.Flattening.List.Path}\n");
        }

        foreach (KeyDefinition key in _keys)
        {
            text.Append(CultureInfo.InvariantCulture, $"key {key.Name} {key.Type} {ExpressionText.Of(key.Selector)}\n");
        }

        foreach (AggregateDefinition aggregate in aggregates)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"aggregate {aggregate.Name} {aggregate.Function.Signature} {ExpressionText.Of(aggregate.Selector)}");
            text.Append(aggregate.Shared is { } shared ? $" by {aggregates[shared.Holder].Name}\n" : "\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 8));
    }

    private LambdaExpression Rebase(LambdaExpression selector) => _elements?.Rebase(selector) ?? selector;

    private DefinitionException Wrong(string what) => new($"View '{_name}': {what}");
}

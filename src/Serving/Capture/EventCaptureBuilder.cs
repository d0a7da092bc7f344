using System.Linq.Expressions;
using Lambda.Capture.Encoding;
using Lambda.Capture.Redacting;
using Lambda.Capture.Requests;
using Lambda.Capture.Sending;
using Lambda.Capture.Sinks;
using Lambda.Capture.Spilling;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Expressions;
using Lambda.Log;
using Lambda.Views;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Lambda.Capture;

/// <summary>Says which requests become events, what of them, and where the events go.</summary>
/// <typeparam name="TEvent">
/// The type of the events. Its JSON has the names that the platform reads: those of System.Text.Json for the web, or what <c>[JsonPropertyName]</c> says.
/// </typeparam>
/// <remarks>
/// Conditions of different kinds all have to hold; of those of one kind (<see cref="Methods"/>, <see cref="Routes"/>, <see cref="Paths"/>) any.
/// <para>
/// What a mapping can see is a <see cref="CapturedRequest"/>, which withholds: headers with credentials, cookies or addresses of people (<c>Authorization</c>,
/// <c>Cookie</c>, <c>Set-Cookie</c>, <c>X-Api-Key</c>, <c>X-Forwarded-For</c> and others), all cookies, and query parameters such as <c>token</c>, <c>code</c> and
/// <c>password</c>. Members of events with such names are left out. Each can be allowed by its name, and others denied. Bodies are never read.
/// </para>
/// </remarks>
public sealed class EventCaptureBuilder<TEvent>
    where TEvent : class
{
    private const int UsualPartitions = 4;

    private readonly string _stream;
    private readonly RequestFilter _filter = new();
    private readonly Redaction _redaction = new();
    private readonly List<Func<TEvent, HttpContext, TEvent>> _enrichers = [];
    private Func<CapturedRequest, TEvent?>? _map;
    private Func<TEvent, string?>? _key;
    private LambdaExpression? _partitionBy;
    private Func<IServiceProvider, ICaptureSink>? _sink;
    private EventCaptureLimits _limits = new();
    private SpillSettings? _spill;

    internal EventCaptureBuilder(string stream)
    {
        _stream = stream;
    }

    /// <summary>Takes requests of these methods only.</summary>
    public EventCaptureBuilder<TEvent> Methods(params string[] methods)
    {
        _filter.AddMethods(methods);
        return this;
    }

    /// <summary>Takes only requests that routes of these patterns answer, written as they were mapped, groups included: <c>/products/{id}</c>.</summary>
    public EventCaptureBuilder<TEvent> Routes(params string[] patterns)
    {
        _filter.AddRoutes(patterns);
        return this;
    }

    /// <summary>Takes only requests whose paths begin with one of these, whole segments of them: <c>/shop</c> takes <c>/shop/cart</c>, not <c>/shopping</c>.</summary>
    /// <exception cref="ArgumentException">A path does not begin with a slash.</exception>
    public EventCaptureBuilder<TEvent> Paths(params string[] prefixes)
    {
        // What ends in a slash would be a segment of no character, which no path has.
        _filter.AddPaths(prefixes.Select(prefix => new PathString(prefix.TrimEnd('/'))));
        return this;
    }

    /// <summary>Takes only requests for which this holds when they are done.</summary>
    public EventCaptureBuilder<TEvent> Where(Func<CapturedRequest, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        _filter.Add(condition);
        return this;
    }

    /// <summary>Makes the event of a request that is done; null for none. What it throws is counted and logged, and does no harm to the request.</summary>
    public EventCaptureBuilder<TEvent> Map(Func<CapturedRequest, TEvent?> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        _map = map;
        return this;
    }

    /// <summary>
    /// Adds to an event what only the whole context tells, services of the request included. Nothing is withheld here: what it takes leaves the process.
    /// </summary>
    public EventCaptureBuilder<TEvent> Enrich(Func<TEvent, HttpContext, TEvent> enrich)
    {
        ArgumentNullException.ThrowIfNull(enrich);
        _enrichers.Add(enrich);
        return this;
    }

    /// <summary>
    /// Says which member chooses the partition, as the stream's own declaration does; events of one value stay in order. In a program that declares the stream,
    /// that need not be said again.
    /// </summary>
    /// <exception cref="DefinitionException">It is not a plain member of the event.</exception>
    public EventCaptureBuilder<TEvent> PartitionBy<TKey>(Expression<Func<TEvent, TKey>> member)
    {
        ArgumentNullException.ThrowIfNull(member);
        _partitionBy = member;
        return this;
    }

    /// <summary>Gives the partition key as text, for streams that no program of the platform partitions by a member.</summary>
    public EventCaptureBuilder<TEvent> Key(Func<TEvent, string?> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _key = key;
        return this;
    }

    /// <summary>Withholds further headers, of requests and responses.</summary>
    public EventCaptureBuilder<TEvent> DenyHeaders(params string[] names)
    {
        _redaction.Headers.Deny(names);
        return this;
    }

    /// <summary>Shows headers that are withheld unless they are allowed.</summary>
    public EventCaptureBuilder<TEvent> AllowHeaders(params string[] names)
    {
        _redaction.Headers.Allow(names);
        return this;
    }

    /// <summary>Shows cookies, all of which are withheld unless they are allowed.</summary>
    public EventCaptureBuilder<TEvent> AllowCookies(params string[] names)
    {
        _redaction.AllowedCookies.UnionWith(names);
        return this;
    }

    /// <summary>Withholds further query parameters.</summary>
    public EventCaptureBuilder<TEvent> DenyQuery(params string[] names)
    {
        _redaction.QueryParameters.Deny(names);
        return this;
    }

    /// <summary>Shows query parameters that are withheld unless they are allowed.</summary>
    public EventCaptureBuilder<TEvent> AllowQuery(params string[] names)
    {
        _redaction.QueryParameters.Allow(names);
        return this;
    }

    /// <summary>
    /// Leaves further members out of events, at whatever depth, by their names in JSON. The platform refuses an event without a member that may not be null.
    /// </summary>
    public EventCaptureBuilder<TEvent> DenyMembers(params string[] names)
    {
        _redaction.Members.Deny(names);
        return this;
    }

    /// <summary>Leaves members in events that are left out unless they are allowed, by their names in JSON.</summary>
    public EventCaptureBuilder<TEvent> AllowMembers(params string[] names)
    {
        _redaction.Members.Allow(names);
        return this;
    }

    /// <summary>Appends events to the <see cref="IEventLog"/> among the application's services: in a program of the platform, that of the platform.</summary>
    public EventCaptureBuilder<TEvent> ToLog() =>
        To(services =>
        {
            if (services.GetService<Catalog>() is not null && FindStream(services) is null)
            {
                throw Wrong($"this program declares no such stream. Declare it with app.Stream<{typeof(TEvent).Name}>(\"{_stream}\").");
            }

            return new LogSink(services.GetRequiredService<IEventLog>, owns: false, FindStream(services)?.Partitions ?? UsualPartitions);
        });

    /// <summary>Appends events to a log of the capture's own, such as one over Kafka.</summary>
    /// <param name="open">Opens it, when there are events to send; what it throws is tried again.</param>
    /// <param name="partitions">How many partitions the stream gets if it does not exist.</param>
    public EventCaptureBuilder<TEvent> ToLog(Func<IServiceProvider, IEventLog> open, int partitions = UsualPartitions)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return To(services => new LogSink(() => open(services), owns: true, partitions));
    }

    /// <summary>Posts events to the API of a platform, which finds the partition of each.</summary>
    /// <param name="platform">Its address, such as <c>http://127.0.0.1:8080</c>.</param>
    /// <param name="createClient">Makes the client, for headers, proxies or certificates; a plain one when there is none.</param>
    public EventCaptureBuilder<TEvent> ToPlatform(Uri platform, Func<IServiceProvider, HttpClient>? createClient = null)
    {
        ArgumentNullException.ThrowIfNull(platform);
        return To(services =>
        {
            HttpClient client = createClient?.Invoke(services)
                ?? new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
                {
                    // How long an answer may take is for SendTimeout to say.
                    Timeout = Timeout.InfiniteTimeSpan,
                };
            client.BaseAddress = new Uri(platform.AbsoluteUri.TrimEnd('/') + "/");
            return new PlatformSink(client);
        });
    }

    /// <summary>Sends events to a sink of the application's own.</summary>
    public EventCaptureBuilder<TEvent> To(Func<IServiceProvider, ICaptureSink> createSink)
    {
        ArgumentNullException.ThrowIfNull(createSink);
        _sink = createSink;
        return this;
    }

    /// <summary>
    /// Has events wait on disk when the sink fails or does not keep up, so that none is dropped as long as there is room; they are sent, in order, when the sink
    /// is back, also by the next process. After a crash some may be sent twice, which the batch layer counts once if the stream has event ids. The limit has to
    /// be given, since a full disk harms more than a capture.
    /// </summary>
    /// <param name="folder">A folder on a local disk for this capture alone. One process at a time uses it.</param>
    /// <param name="maxBytes">How many bytes its files may take.</param>
    public EventCaptureBuilder<TEvent> SpillToDisk(string folder, long maxBytes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        _spill = new SpillSettings(Path.GetFullPath(folder), maxBytes);
        return this;
    }

    /// <summary>Sets how much is held and sent at a time, and how long is waited.</summary>
    public EventCaptureBuilder<TEvent> Limits(EventCaptureLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        _limits = limits;
        return this;
    }

    /// <summary>Checks what was said.</summary>
    /// <exception cref="DefinitionException">Something is missing or contradicts itself.</exception>
    internal CaptureDeclaration Declare()
    {
        if (_map is null)
        {
            throw Wrong("nothing says how a request becomes an event. Call Map(request => new …).");
        }

        if (_sink is null)
        {
            throw Wrong("nothing says where events go. Call ToLog(), ToPlatform(…) or To(…).");
        }

        if (_key is not null && _partitionBy is not null)
        {
            throw Wrong("Key and PartitionBy both say what the partition key is. Keep one of them.");
        }

        EventSchema? schema = _partitionBy is null ? null : EventSchema.Of(typeof(TEvent));
        EventMember? partitionKey = schema is null ? null : MemberOf(_partitionBy!, schema);
        return new CaptureDeclaration((services, time, logger) => Build(services, time, logger, schema, partitionKey));
    }

    private CapturePipeline Build(IServiceProvider services, TimeProvider time, ILogger logger, EventSchema? schema, EventMember? partitionKey) => new(
        _stream,
        _filter,
        _redaction,
        new EventEncoder<TEvent>(_map!, _enrichers, _redaction, _key, KeyReaders(FindStream(services), schema, partitionKey)),
        _limits,
        _spill,
        _sink!(services),
        time,
        logger);

    private Func<RecordKeyReader>? KeyReaders(StreamDefinition? declared, EventSchema? schema, EventMember? partitionKey)
    {
        if (declared is { PartitionKey: { } member } && _key is null)
        {
            if (partitionKey is not null && partitionKey.JsonName != member.JsonName)
            {
                throw Wrong(
                    $"it is captured by partition key '{partitionKey.Name}', but declared by '{member.Name}'. Leave PartitionBy out of the capture.");
            }

            return () => new RecordKeyReader(declared.Schema, member);
        }

        return schema is null ? null : () => new RecordKeyReader(schema, partitionKey);
    }

    private StreamDefinition? FindStream(IServiceProvider services) => services.GetService<Catalog>()?.FindStream(_stream);

    private EventMember MemberOf(LambdaExpression selector, EventSchema schema) =>
        ReadMembers.Direct(selector, schema) is { Parent: null, Kind: MemberKind.Value } member
            ? member
            : throw Wrong($"PartitionBy({selector}) is no plain member of the event. Name one, such as PartitionBy(e => e.Id).");

    private DefinitionException Wrong(string what) => new($"Capture for stream '{_stream}': {what}");
}

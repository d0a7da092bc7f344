using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lambda.Definition;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Testing.Layers;
using Lambda.Testing.Shapes;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Plans;

namespace Lambda.Testing;

/// <summary>Makes drivers: <c>StreamTestDriver.For(flights, startingAt)</c>.</summary>
public static class StreamTestDriver
{
    /// <summary>A driver of a stream and its views.</summary>
    /// <typeparam name="TEvent">The event type.</typeparam>
    /// <param name="stream">The declaration, as the application has it. What is declared later is not part of what is driven.</param>
    /// <param name="startingAt">What the wall clock shows at first.</param>
    /// <exception cref="DefinitionException">The declaration is wrong.</exception>
    public static StreamTestDriver<TEvent> For<TEvent>(StreamBuilder<TEvent> stream, DateTimeOffset startingAt)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new StreamTestDriver<TEvent>(Catalog.Build([stream]).Streams[0], startingAt);
    }
}

/// <summary>
/// Runs a stream and its views in both layers, at once and step by step: without a log, a store, a clock or a thread, but through the code that the
/// layers themselves run. Every event is counted when <c>Send</c> returns; time passes, and the batch layer runs, when it is told to. Checks of the data
/// as a whole (<see cref="StreamBuilder{TEvent}.Expect"/>) are not made. Not safe for use by several threads at once.
/// </summary>
/// <typeparam name="TEvent">The event type.</typeparam>
public sealed class StreamTestDriver<TEvent>
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly StreamDefinition _stream;
    private readonly DrivenLog _log;
    private readonly SpeedSide _speed;
    private readonly BatchSide _batch;
    private readonly Dictionary<LogPosition, QuarantinedEvent> _refusedByChecks = [];

    internal StreamTestDriver(StreamDefinition stream, DateTimeOffset startingAt)
    {
        StreamPlan plan = new(stream);
        _stream = stream;
        _log = new DrivenLog(stream);
        _speed = new SpeedSide(plan);
        _batch = new BatchSide(plan, _log, _speed);
        Now = startingAt;
    }

    /// <summary>What the wall clock shows.</summary>
    public DateTimeOffset Now { get; private set; }

    /// <summary>
    /// The stream's watermark now: the least of its partitions that are not idle. No event at or before it is expected any more. Null as long as no
    /// partition has an event.
    /// </summary>
    public DateTimeOffset? Watermark =>
        _speed.Watermark(WallTime) is var watermark and not WatermarkTracker.None ? UtcMicroseconds.ToDateTimeOffset(watermark) : null;

    /// <summary>Every record that was refused: by the speed layer as it was sent, and by row checks as the batch layer ran; by position.</summary>
    public IReadOnlyList<QuarantinedEvent> Quarantine =>
    [
        .. _speed.Partitions.SelectMany(partition => partition.Quarantine).Select(record => new QuarantinedEvent(
                record.Partition,
                record.Offset,
                UtcMicroseconds.ToDateTimeOffset(record.AppendedAt),
                record.Reason,
                record.Detail,
                record.Value))
            .Concat(_refusedByChecks.Values)
            .OrderBy(refused => refused.Partition).ThenBy(refused => refused.Offset),
    ];

    private long WallTime => UtcMicroseconds.From(Now);

    /// <summary>Sends an event as System.Text.Json writes it, enums by name.</summary>
    /// <param name="event">The event.</param>
    /// <param name="partition">Its partition; that which its key chooses when it is left out.</param>
    /// <param name="offset">Its offset; the next one of its partition when it is left out. Offsets rise, and may leave gaps.</param>
    /// <param name="appendedAt">When the log took it; now when it is left out.</param>
    /// <returns>Where it came to stand.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such partition, or the offset does not rise.</exception>
    public SentEvent Send(TEvent @event, int? partition = null, long? offset = null, DateTimeOffset? appendedAt = null)
    {
        ArgumentNullException.ThrowIfNull(@event);
        return Send(JsonSerializer.SerializeToUtf8Bytes(@event, Json), partition, offset, appendedAt);
    }

    /// <summary>Sends a record as it stands, good JSON or not.</summary>
    /// <inheritdoc cref="Send(TEvent, int?, long?, DateTimeOffset?)"/>
    public SentEvent SendJson(string json, int? partition = null, long? offset = null, DateTimeOffset? appendedAt = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Send(Encoding.UTF8.GetBytes(json), partition, offset, appendedAt);
    }

    /// <inheritdoc cref="SendJson(string, int?, long?, DateTimeOffset?)"/>
    public SentEvent SendJson(ReadOnlySpan<byte> utf8, int? partition = null, long? offset = null, DateTimeOffset? appendedAt = null) =>
        Send(utf8.ToArray(), partition, offset, appendedAt);

    /// <summary>Lets the wall clock go on: partitions become idle, and what is sent next is appended later.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative.</exception>
    public void AdvanceTime(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        Now += duration;
    }

    /// <summary>Ends the open epochs of all partitions. No answer changes by it; the boundary of a batch run can lie here from now on.</summary>
    public void SealEpochs()
    {
        foreach (SpeedPartition partition in _speed.Partitions)
        {
            partition.Seal();
        }
    }

    /// <summary>Ends the open epoch of a partition.</summary>
    /// <inheritdoc cref="SealEpochs"/>
    public void SealEpoch(int partition) => _speed.Partitions[partition].Seal();

    /// <summary>
    /// Stops the speed layer and starts it again: it goes on from what it has committed, and remembers nothing else. No answer changes by it.
    /// </summary>
    public void RestartSpeedLayer()
    {
        foreach (SpeedPartition partition in _speed.Partitions)
        {
            partition.Restart();
        }
    }

    /// <summary>Runs the batch layer over everything that was sent, and serves what it computes.</summary>
    public BatchRun RunBatch()
    {
        SealEpochs();
        return RunBatch(_log.End);
    }

    /// <summary>Runs the batch layer over what lies below a boundary, and serves what it computes.</summary>
    /// <param name="boundary">Per partition the first offset that it does not cover; see <see cref="SealEpochs"/>.</param>
    /// <exception cref="ArgumentException">The boundary goes back behind the last run's, or cuts an epoch, or has another number of partitions.</exception>
    public BatchRun RunBatch(IReadOnlyList<long> boundary)
    {
        ArgumentNullException.ThrowIfNull(boundary);
        if (boundary.Count != _stream.Partitions)
        {
            throw new ArgumentException(
                $"The boundary has {boundary.Count} offsets. Give one for each of the {_stream.Partitions} partitions.", nameof(boundary));
        }

        Boundary below = new(boundary);
        if (!_log.End.Covers(below) || (_batch.Current is { } current && !below.Covers(current.Boundary)))
        {
            throw new ArgumentException(
                $"The boundary {below} does not lie between that of the last run, {_batch.Current?.Boundary ?? Boundary.Zero(_stream.Partitions)}, "
                + $"and the end of what was sent, {_log.End}. Batch runs never go back.",
                nameof(boundary));
        }

        return _speed.FindCut(below) is { } cut
            ? throw new ArgumentException(
                $"The boundary {below} cuts an epoch of partition {cut}. Call SealEpochs() once the events below it have been sent.",
                nameof(boundary))
            : RunBatch(below);
    }

    /// <summary>What all layers say of a view.</summary>
    /// <param name="view">What the declaration of the view returned.</param>
    /// <exception cref="ArgumentException">The stream has no such view.</exception>
    public ViewResults<TKey, TResult> Read<TKey, TResult>(DeclaredView<TEvent, TKey, TResult> view)
    {
        ArgumentNullException.ThrowIfNull(view);
        ViewDefinition definition = Find(view.Name);
        return Read(definition, new TypedShape<TKey, TResult>(definition));
    }

    /// <summary>What all layers say of a view, its keys and aggregates by name.</summary>
    /// <exception cref="ArgumentException">The stream has no view of that name.</exception>
    public ViewResults<NamedValues, NamedValues> Read(string view)
    {
        ViewDefinition definition = Find(view);
        return Read(definition, new NamedShape(definition));
    }

    private ViewDefinition Find(string view) =>
        _stream.Views.FirstOrDefault(candidate => string.Equals(candidate.Name, view, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"Stream '{_stream.Name}' has no view '{view}'. There is: {string.Join(", ", _stream.Views.Select(candidate => candidate.Name))}.",
            nameof(view));

    private ViewResults<TKey, TResult> Read<TKey, TResult>(ViewDefinition view, IRowShape<TKey, TResult> shape) =>
        new ViewReader<TKey, TResult>(view, shape, new LayerState(_speed, _batch, _log.End, _speed.Watermark(WallTime))).Read();

    private SentEvent Send(byte[] value, int? partition, long? offset, DateTimeOffset? appendedAt)
    {
        DrivenRecord record = _log.Append(value, partition, offset, UtcMicroseconds.From(appendedAt ?? Now));
        _speed.Partitions[record.Position.Partition].Process(record, WallTime);
        return new SentEvent(record.Position.Partition, record.Position.Offset);
    }

    private BatchRun RunBatch(Boundary boundary)
    {
        Generation generation = _batch.Run(boundary);
        Dictionary<LogPosition, DrivenRecord> records = _log.Below(boundary).ToDictionary(record => record.Position);
        foreach ((LogPosition position, RefusedEvent refused) in generation.RefusedByChecks)
        {
            DrivenRecord record = records[position];
            _refusedByChecks[position] = new QuarantinedEvent(
                position.Partition, position.Offset, UtcMicroseconds.ToDateTimeOffset(record.AppendedAt), refused.Reason, refused.Detail, record.Value);
        }

        return new BatchRun(
            generation.Number, boundary.Offsets, generation.Events, generation.RepetitionCount, generation.RefusedByChecks.Count);
    }
}

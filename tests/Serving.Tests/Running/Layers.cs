using System.Text.Json;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Expressions;
using Lambda.Log;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Operators;
using Lambda.Views.Partials;
using Lambda.Views.Plans;

namespace Lambda.Serving.Tests.Running;

/// <summary>Does by hand, step by step, what the speed and the batch layer do, for a stream of one partition.</summary>
internal sealed class Layers(Catalog catalog, IViewStore store, IEventLog log)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly StreamPlan _plan = new(catalog.FindStream(Sample.Stream)!);
    private readonly List<Flight> _logged = [];
    private StreamOperator? _operator;
    private WatermarkTracker? _watermark;
    private PartitionClaim? _claim;
    private long _epoch;
    private long _next;

    public StreamDefinition Stream => _plan.Stream;

    /// <summary>Creates the stream in log and store.</summary>
    public async Task RegisterAsync()
    {
        await log.EnsureStreamAsync(Stream.Name, 1, TestContext.Current.CancellationToken);
        await store.RegisterAsync(new StreamRegistration(Stream.Name, 1, [.. Stream.Views.Select(view => view.Layout)]), TestContext.Current.CancellationToken);
    }

    /// <summary>Appends events to the log.</summary>
    public async Task AppendAsync(params Flight[] flights)
    {
        using RecordBatch batch = new();
        foreach (Flight flight in flights)
        {
            batch.Add("k"u8, JsonSerializer.SerializeToUtf8Bytes(flight, Json));
        }

        await log.AppendAsync(Stream.Name, batch, TestContext.Current.CancellationToken);
        _logged.AddRange(flights);
    }

    /// <summary>Appends events and takes them through the speed layer's part: late ones go to late partials.</summary>
    public async Task SpeedAsync(EpochEnd end, params Flight[] flights)
    {
        await AppendAsync(flights);
        await CommitAsync(end, []);
    }

    /// <summary>Commits what is in the log and not committed yet.</summary>
    public async Task CommitAsync(EpochEnd end, IReadOnlyList<QuarantinedRecord> quarantine)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        StringDictionary dictionary = new();
        if (_claim is null)
        {
            _claim = await store.ClaimAsync(Stream.Name, 0, cancellation);
            _epoch = _claim.Epoch;
            _watermark = new WatermarkTracker(UtcMicroseconds.From(Stream.OutOfOrderness), null);
        }

        _operator ??= new StreamOperator(_plan, dictionary);
        using RecordBatch records = new();
        await log.ReadAsync(Stream.Name, 0, _next, records, cancellation);
        EventBatch events = Decode(records, dictionary);
        long[] watermarks = new long[events.Count];
        _watermark!.Advance(events.EventTimes.AsSpan(0, events.Count), watermarks);
        _operator.Reset(dictionary);
        _operator.Process(events, All(events.Count), watermarks);
        _next += records.Count;
        await store.CommitAsync(
            new SpeedCommit
            {
                Stream = Stream.Name,
                Partition = 0,
                Fence = _claim.Fence,
                Epoch = _epoch,
                NextOffset = _next,
                MaxEventTime = _watermark.MaxEventTime,
                LastAppendedAt = records.Count > 0 ? records.AppendedAt(records.Count - 1) : null,
                Tally = new EventTally(events.Count, quarantine.Count),
                Partials = Export(_operator),
                Quarantine = quarantine,
                EpochEnd = end,
            },
            cancellation);
        _epoch += end == EpochEnd.Seal ? 1 : 0;
    }

    /// <summary>Publishes a generation that keeps, and that removed, the events with these ids.</summary>
    public async Task<long> PublishAsync(
        long boundary,
        IEnumerable<int> kept,
        IEnumerable<int> duplicates,
        IEnumerable<int> quarantined,
        IReadOnlyList<Correction> corrections,
        AuditOutcome outcome = AuditOutcome.Passed)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        BatchLease lease = (await store.TryAcquireLeaseAsync(Stream.Name, "test", TimeSpan.FromHours(1), cancellation))!;
        long generation = await store.BeginGenerationAsync(
            lease, new GenerationPlan(1, new Boundary([boundary]), [.. Stream.Views.Select(view => view.Layout)]), cancellation);
        foreach ((PartialKind kind, IEnumerable<int> places) in new[]
        {
            (PartialKind.Kept, kept), (PartialKind.Duplicate, duplicates), (PartialKind.Quarantined, quarantined),
            (PartialKind.AsRead, AsRead(kept, [.. duplicates, .. quarantined])),
        })
        {
            foreach (PartialBatch partials in Compute([.. places]).Where(partials => kind != PartialKind.AsRead || partials.Layout.HasPositions))
            {
                await store.WriteGenerationAsync(lease, generation, kind, partials, cancellation);
            }
        }

        AuditReport report = new(
            Stream.Name,
            generation,
            Sample.Start,
            outcome,
            [new CheckResult("row count", Quality.CheckSeverity.Warn, CheckVerdict.Passed, 5, "5 rows.", []),
             new CheckResult("range of delay", Quality.CheckSeverity.Warn, CheckVerdict.Failed, double.NaN, "1 row fails.", ["{\"id\":6}"])
             {
                 Expected = "none",
                 FailingRows = 12_345,
                 Measured = new MetricValue("mean of delay", 7.5, new Distribution([1.5], null, [2, 3], 0)),
             }]);
        await store.PublishAsync(lease, generation, new Publication(report, corrections, []), cancellation);
        await store.ReleaseLeaseAsync(lease, cancellation);
        return generation;
    }

    /// <summary>Audits that block, one generation after the other.</summary>
    public async Task RejectAsync(long boundary, int count)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        BatchLease lease = (await store.TryAcquireLeaseAsync(Stream.Name, "test", TimeSpan.FromHours(1), cancellation))!;
        for (int i = 0; i < count; i++)
        {
            long generation = await store.BeginGenerationAsync(
                lease, new GenerationPlan(1, new Boundary([boundary]), [.. Stream.Views.Select(view => view.Layout)]), cancellation);
            await store.RejectAsync(lease, generation, new AuditReport(Stream.Name, generation, Sample.Start, AuditOutcome.Blocked, []), cancellation);
        }

        await store.ReleaseLeaseAsync(lease, cancellation);
    }

    private static RowSelection All(int count)
    {
        RowSelection rows = new();
        rows.SelectAll(count);
        return rows;
    }

    private static IReadOnlyList<PartialBatch> Export(StreamOperator streamOperator) =>
    [
        .. streamOperator.Views.Select(view =>
        {
            PartialBatch partials = new(view.View.Layout);
            view.Table.ExportAll(partials);
            return partials;
        }),
    ];

    /// <summary>All events of origins that have removed ones.</summary>
    private IEnumerable<int> AsRead(IEnumerable<int> kept, IReadOnlyList<int> removed) =>
        kept.Concat(removed).Where(place => removed.Any(other => _logged[other].Origin == _logged[place].Origin));

    private IReadOnlyList<PartialBatch> Compute(IReadOnlyList<int> places)
    {
        StringDictionary dictionary = new();
        using RecordBatch records = new();
        foreach (int place in places)
        {
            records.Add(place, 0, default, JsonSerializer.SerializeToUtf8Bytes(_logged[place], Json));
        }

        EventBatch events = Decode(records, dictionary);
        StreamOperator streamOperator = new(_plan, dictionary);
        streamOperator.Process(events, All(events.Count), []);
        return Export(streamOperator);
    }

    private EventBatch Decode(RecordBatch records, StringDictionary dictionary)
    {
        EventBatch events = new(_plan.ViewProjection, dictionary);
        JsonEventDecoder decoder = new(DecodeRules.Of(Stream) with { MaxFutureSkew = long.MaxValue / 2 }, _plan.ViewProjection);
        decoder.Decode(records, 0, events, []);
        return events;
    }
}

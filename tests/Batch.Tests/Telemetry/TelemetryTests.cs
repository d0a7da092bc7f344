using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lambda.Batch.Recompute;
using Lambda.Batch.Telemetry;
using Lambda.Batch.Tests.Support;
using Lambda.Store;
using Lambda.TestSupport.Crashes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.Telemetry;

/// <summary>What the batch layer says of its work: figures and spans.</summary>
public class TelemetryTests
{
    [Fact]
    public async Task A_run_counts_what_it_archived_read_and_corrected_and_how_its_audit_ended()
    {
        await using Platform platform = await Platform.CreateAsync();
        using Figures figures = new(platform.Metrics);
        platform.Append(0, new Order("one", Orders.Day.AddHours(1), "ams", 20, 1.5, 2m));
        platform.Append(1, new Order("two", Orders.Day.AddHours(2), "ams", 30, 1.5, 2m));
        platform.Append(1, "not json"u8.ToArray());

        RunResult result = await platform.RecomputeAsync();

        Assert.Equal(RunOutcome.Published, result.Outcome);
        Assert.Equal(2, figures["lambda.batch.archived"]);
        Assert.Equal(1, figures["lambda.batch.rejected"]);
        Assert.Equal(2, figures["lambda.batch.rows published"]);
        Assert.Equal(1, figures["lambda.batch.runs published"]);
        Assert.Equal(1, figures["lambda.batch.audits passed"]);
        Assert.Equal(1, figures["lambda.batch.run.duration published"]);
        Assert.Equal(1, figures["lambda.batch.archive.duration"]);
        Assert.InRange(figures.Observe("lambda.batch.generation.age"), 0, 60);
    }

    [Fact]
    public async Task A_blocked_audit_is_no_failure_and_the_generation_that_serves_goes_on_ageing()
    {
        FakeTimeProvider time = new(Orders.Day);
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        BatchMetrics metrics = new(services.GetRequiredService<IMeterFactory>(), time);
        using Figures figures = new(metrics);
        AuditReport passed = new(Orders.Stream, 1, Orders.Day, AuditOutcome.Warned, []);
        metrics.OnRun(Orders.Stream, new RunResult(RunOutcome.Published, 1, passed, 10, 2, "fine"), TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromMinutes(5));
        metrics.OnRun(
            Orders.Stream, new RunResult(RunOutcome.Blocked, 2, passed with { Outcome = AuditOutcome.Blocked }, 10, 0, "too few"), TimeSpan.FromSeconds(1));

        Assert.Equal(300, figures.Observe("lambda.batch.generation.age"));
        Assert.Equal((1, 1), (figures["lambda.batch.audits warned"], figures["lambda.batch.audits blocked"]));
        Assert.Equal((2, 0), (figures["lambda.batch.corrections published"], figures["lambda.batch.failures recompute"]));
        Assert.Equal("too few", metrics.Board.Streams[Orders.Stream].Blocked);
    }

    [Fact]
    public async Task A_run_that_fails_is_counted_and_one_that_is_stopped_is_not()
    {
        await using Platform platform = await Platform.CreateAsync();
        using Figures figures = new(platform.Metrics);
        platform.Append(0, new Order("one", Orders.Day.AddHours(1), "ams", 20, 1.5, 2m));
        DoomedProcess crash = Crashes.At(call: 3, CrashMoment.BeforeCall);
        await Assert.ThrowsAsync<InjectedCrashException>(() => platform.RecomputeAsync(platform.Run(crash.Wrap(platform.Store))));

        Assert.Equal(1, figures["lambda.batch.failures recompute"]);
        Assert.StartsWith("Crashed at", platform.Metrics.Board.Streams[Orders.Stream].RunError, StringComparison.Ordinal);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => platform.Run().RunAsync(
            platform.Stream(), RunRequest.OnDemand, new Progress<RunProgress>(), new CancellationToken(canceled: true)));
        Assert.Equal(1, figures["lambda.batch.failures recompute"]);

        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        Assert.Null(platform.Metrics.Board.Streams[Orders.Stream].RunError);
    }

    [Fact]
    public async Task A_run_is_a_span_with_a_child_for_each_of_its_steps()
    {
        await using Platform platform = await Platform.CreateAsync();
        using Activity root = new Activity("test").Start();
        using Spans spans = new(root);
        platform.Append(0, new Order("one", Orders.Day.AddHours(1), "ams", 20, 1.5, 2m));

        await platform.RecomputeAsync();

        Activity run = Assert.Single(spans.Ended, span => span.OperationName == "recompute orders");
        Assert.Equal(("Published", 1L), (run.GetTagItem("lambda.outcome"), run.GetTagItem("messaging.batch.message_count")));
        Assert.Equal(
            ["sealing epochs", "archiving the log", "reading history", "writing the generation", "auditing", "publishing"],
            spans.Ended.Where(span => span.ParentSpanId == run.SpanId).Select(span => span.OperationName));
        Activity archive = Assert.Single(spans.Ended, span => span.OperationName == "archive orders");
        Assert.Equal("archiving the log", spans.Ended.Single(span => span.SpanId == archive.ParentSpanId).OperationName);
        Assert.Equal(1L, archive.GetTagItem("messaging.batch.message_count"));
    }

    [Fact]
    public async Task A_run_that_fails_ends_its_step_as_an_error()
    {
        await using Platform platform = await Platform.CreateAsync();
        using Activity root = new Activity("test").Start();
        using Spans spans = new(root);
        DoomedProcess crash = Crashes.At(call: 3, CrashMoment.BeforeCall);

        await Assert.ThrowsAsync<InjectedCrashException>(() => platform.RecomputeAsync(platform.Run(crash.Wrap(platform.Store))));

        Activity run = Assert.Single(spans.Ended, span => span.OperationName == "recompute orders");
        Activity step = spans.Ended.Last(span => span.ParentSpanId == run.SpanId);
        Assert.All((Activity[])[run, step], span => Assert.Equal(ActivityStatusCode.Error, span.Status));
    }

    /// <summary>Figures of one batch layer by instrument and outcome or job: counters as sums, histograms as numbers of values.</summary>
    private sealed class Figures : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, double> _figures = [];

        public Figures(BatchMetrics metrics)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == metrics.Meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.Start();
        }

        public double this[string figure] => _figures.GetValueOrDefault(figure);

        public double Observe(string gauge)
        {
            _figures.TryRemove(gauge, out _);
            _listener.RecordObservableInstruments();
            return _figures[gauge];
        }

        public void Dispose() => _listener.Dispose();

        private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string figure = instrument.Name;
            foreach ((string tag, object? text) in tags)
            {
                figure += tag == "lambda.stream" ? "" : $" {text}";
            }

            _figures.AddOrUpdate(figure, instrument is Histogram<double> ? 1 : value, (_, sum) => sum + (instrument is Histogram<double> ? 1 : value));
        }
    }

    /// <summary>The spans that ended below one, in that order.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _ended = [];
        private readonly ActivityListener _listener;
        private readonly Activity _root;

        public Spans(Activity root)
        {
            _root = root;
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Lambda.Batch",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IReadOnlyList<Activity> Ended => [.. _ended.Where(span => span.TraceId == _root.TraceId)];

        public void Dispose() => _listener.Dispose();
    }
}

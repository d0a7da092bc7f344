using System.Diagnostics.Metrics;
using Lambda.Capture.Sending;

namespace Lambda.Capture.Telemetry;

/// <summary>The figures of all captures of an application, on the meter <c>Lambda.Capture</c>. They are read when they are asked for.</summary>
internal static class CaptureMetrics
{
    private const string StreamTag = "lambda.stream";
    private const string ReasonTag = "lambda.capture.drop_reason";

    public static void Register(IMeterFactory meters, IReadOnlyList<CapturePipeline> pipelines)
    {
        Meter meter = meters.Create("Lambda.Capture");
        Counter("lambda.capture.captured", "{event}", "Events made of requests, dropped ones included.", counters => counters.Captured);
        Counter("lambda.capture.recovered", "{event}", "Events that an earlier process had spilled.", counters => counters.Recovered);
        Counter("lambda.capture.sent", "{event}", "Events that the sink has acknowledged.", counters => counters.Sent);
        Counter("lambda.capture.failures", "{request}", "Requests of which no event could be made.", counters => counters.Failures);
        Counter("lambda.capture.failed_sends", "{attempt}", "Attempts to send that failed.", counters => counters.FailedSends);
        meter.CreateObservableCounter(
            "lambda.capture.dropped",
            () =>
                from pipeline in pipelines
                from reason in Enum.GetValues<EventDropReason>()
                select new Measurement<long>(
                    pipeline.Counters.Dropped(reason), KeyValuePair.Create(StreamTag, (object?)pipeline.Stream), KeyValuePair.Create(ReasonTag, (object?)reason.ToString())),
            "{event}",
            "Events lost, by reason.");
        Gauge("lambda.capture.buffered", "{event}", "Events that wait in memory.", status => status.Buffered);
        Gauge("lambda.capture.spilled", "{event}", "Events that wait on disk.", status => status.Spilled);
        Gauge("lambda.capture.spill.size", "By", "What the spill folder takes on disk.", status => status.SpilledBytes);
        meter.CreateObservableGauge(
            "lambda.capture.buffer.size", () => pipelines.Select(pipeline => Measured(pipeline, pipeline.Buffer.Bytes)), "By", "Memory of the buffer in use.");

        void Counter(string name, string unit, string description, Func<CaptureCounters, long> read) =>
            meter.CreateObservableCounter(name, () => pipelines.Select(pipeline => Measured(pipeline, read(pipeline.Counters))), unit, description);

        void Gauge(string name, string unit, string description, Func<EventCaptureStatus, long> read) =>
            meter.CreateObservableGauge(name, () => pipelines.Select(pipeline => Measured(pipeline, read(pipeline.Status()))), unit, description);
    }

    private static Measurement<long> Measured(CapturePipeline pipeline, long value) => new(value, KeyValuePair.Create(StreamTag, (object?)pipeline.Stream));
}

using System.Diagnostics.Metrics;
using Lambda.Capture;
using Lambda.Serving.Tests.Capture.Support;

namespace Lambda.Serving.Tests.Capture;

public sealed class MetricsTests
{
    [Fact]
    public async Task What_became_of_events_is_on_the_meter()
    {
        TestSink sink = new();
        await using CaptureRig rig = await CaptureRig.StartAsync(sink, CaptureRig.Quick with { MaxEventBytes = 1000 });
        rig.SendNumbers(0, 3);
        rig.Send($"/{new string('x', 1000)}");
        await rig.UntilAsync(status => status.Sent == 3);

        Dictionary<string, long> figures = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, subscribed) =>
        {
            if (instrument.Meter.Name == "Lambda.Capture" && ReferenceEquals(instrument.Meter.Scope, rig.MeterScope))
            {
                subscribed.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            string reason = tags.ToArray().FirstOrDefault(tag => tag.Key == "lambda.capture.drop_reason").Value as string ?? "";
            Assert.Contains(tags.ToArray(), tag => tag is { Key: "lambda.stream", Value: CaptureRig.Stream });
            figures[instrument.Name + reason] = value;
        });
        listener.Start();
        listener.RecordObservableInstruments();

        Assert.Equal(4, figures["lambda.capture.captured"]);
        Assert.Equal(3, figures["lambda.capture.sent"]);
        Assert.Equal(1, figures["lambda.capture.dropped" + nameof(EventDropReason.TooLarge)]);
        Assert.Equal(0, figures["lambda.capture.dropped" + nameof(EventDropReason.BufferFull)]);
        Assert.Equal(0, figures["lambda.capture.buffered"]);
        Assert.Equal(0, figures["lambda.capture.spill.size"]);
        Assert.Equal(0, figures["lambda.capture.failures"]);
    }
}

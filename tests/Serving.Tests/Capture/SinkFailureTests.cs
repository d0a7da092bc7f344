using Lambda.Capture;
using Lambda.Serving.Tests.Capture.Support;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Serving.Tests.Capture;

public sealed class SinkFailureTests
{
    [Fact]
    public async Task Events_wait_for_a_sink_that_fails_and_are_sent_in_order()
    {
        TestSink sink = new() { IsDown = true };
        await using CaptureRig rig = await CaptureRig.StartAsync(sink);
        rig.SendNumbers(0, 100);
        EventCaptureStatus failing = await rig.UntilAsync(status => status.FailedSends > 2);
        Assert.Equal("The sink is down.", failing.SinkError);

        sink.IsDown = false;

        await sink.TakenAsync(100);
        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number}"), sink.Values.Select(CaptureRig.IdOf));
        EventCaptureStatus working = await rig.UntilAsync(status => status is { Sent: 100, SinkError: null });
        Assert.Empty(working.Dropped);
        Assert.Single(rig.Log.Of(4104));
        Assert.Single(rig.Log.Of(4105));
    }

    [Fact]
    public async Task A_batch_whose_answer_got_lost_is_sent_again_and_counts_once()
    {
        TestSink sink = new() { IsDown = true, TakesBeforeFailing = true };
        await using CaptureRig rig = await CaptureRig.StartAsync(sink);
        rig.Send("/0");
        await sink.TakenAsync(2);
        sink.IsDown = false;

        await rig.UntilAsync(status => status.Sent == 1);

        Assert.All(sink.Values, json => Assert.Equal("0", CaptureRig.IdOf(json)));
        Assert.Equal((1, 0), (rig.Status.Captured, rig.Status.Buffered));
    }

    [Fact]
    public async Task Waits_between_attempts_grow_and_are_never_longer_than_the_limit()
    {
        FakeTimeProvider time = new();
        TestSink sink = new() { IsDown = true };
        await using CaptureRig rig = await CaptureRig.StartAsync(
            sink,
            CaptureRig.Quick with { RetryDelay = TimeSpan.FromSeconds(1), MaxRetryDelay = TimeSpan.FromSeconds(4), FlushTimeout = TimeSpan.Zero },
            time: time);
        rig.Send("/0");
        await rig.UntilAsync(status => status.FailedSends == 1);

        // Between a half and the whole of 1, 2, 4 and 4 seconds.
        int attempts = 1;
        foreach (double seconds in (double[])[1, 2, 4, 4])
        {
            time.Advance(TimeSpan.FromSeconds(seconds * 0.49));
            Assert.Equal(attempts, sink.Calls);
            time.Advance(TimeSpan.FromSeconds(seconds * 0.51));
            attempts++;
            await rig.UntilAsync(status => status.FailedSends == attempts);
        }
    }

    [Fact]
    public async Task Batches_are_bounded_in_number()
    {
        TestSink sink = new();
        sink.Park();
        await using CaptureRig rig = await CaptureRig.StartAsync(sink, CaptureRig.Quick with { MaxBatchEvents = 10 });
        rig.Send("/0");
        await sink.ParkedAsync();
        rig.SendNumbers(1, 100);
        sink.Release();

        await sink.TakenAsync(101);

        Assert.Equal(11, sink.Calls);
    }
}

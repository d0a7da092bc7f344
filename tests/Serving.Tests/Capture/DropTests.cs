using Lambda.Capture;
using Lambda.Serving.Tests.Capture.Support;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Serving.Tests.Capture;

public sealed class DropTests
{
    [Fact]
    public async Task No_request_waits_for_a_sink_that_never_answers_and_drops_are_counted_exactly()
    {
        TestSink sink = new();
        sink.Park();
        await using CaptureRig rig = await CaptureRig.StartAsync(
            sink, CaptureRig.Quick with { MaxBufferedEvents = 10, MaxBatchEvents = 4, FlushTimeout = TimeSpan.FromMilliseconds(10) });

        // One in the hands of the sink, a batch of four behind it, ten in the buffer.
        rig.Send("/0");
        await sink.ParkedAsync();
        rig.SendNumbers(1, 4);
        await rig.UntilAsync(_ => Assert.Single(rig.Captures.Pipelines).Buffer.Count == 0);
        rig.SendNumbers(5, 100);

        EventCaptureStatus status = rig.Status;
        Assert.Equal(105, status.Captured);
        Assert.Equal(90, Assert.Single(status.Dropped).Value);
        Assert.Equal(90, status.Dropped[EventDropReason.BufferFull]);
        Assert.Equal(15, status.Buffered);

        sink.Release();
        await sink.TakenAsync(15);
        await rig.UntilAsync(now => now.Sent == 15);
        Assert.Equal(Enumerable.Range(0, 15).Select(number => $"{number}"), sink.Values.Select(CaptureRig.IdOf));
    }

    [Fact]
    public async Task The_buffer_is_bounded_in_bytes()
    {
        TestSink sink = new();
        sink.Park();
        await using CaptureRig rig = await CaptureRig.StartAsync(
            sink, CaptureRig.Quick with { MaxBufferedBytes = 4096, MaxBatchEvents = 1, FlushTimeout = TimeSpan.Zero });

        rig.Send("/0");
        await sink.ParkedAsync();
        rig.SendNumbers(1, 1000);

        long bytes = Assert.Single(rig.Captures.Pipelines).Buffer.Bytes;
        Assert.InRange(bytes, 2048, 4096);
        EventCaptureStatus status = rig.Status;
        Assert.Equal(1001, status.Buffered + status.Dropped[EventDropReason.BufferFull]);
        sink.Release();
    }

    [Fact]
    public async Task An_event_that_is_too_large_is_dropped_alone()
    {
        TestSink sink = new();
        await using CaptureRig rig = await CaptureRig.StartAsync(sink, CaptureRig.Quick with { MaxEventBytes = 1000 });

        rig.Send("/1");
        rig.Send($"/{new string('x', 1000)}");
        rig.Send("/2");

        await sink.TakenAsync(2);
        Assert.Equal(["1", "2"], sink.Values.Select(CaptureRig.IdOf));
        Assert.Equal(1, rig.Status.Dropped[EventDropReason.TooLarge]);
    }

    [Fact]
    public async Task What_the_sink_refuses_is_dropped_and_the_rest_of_the_batch_is_sent()
    {
        TestSink sink = new() { Answer = events => new SinkAnswer(events.Count(json => json.Contains("bad", StringComparison.Ordinal)), "It is bad.") };
        await using CaptureRig rig = await CaptureRig.StartAsync(sink);

        rig.Send("/bad");
        rig.Send("/good");

        EventCaptureStatus status = await rig.UntilAsync(now => now.Sent == 1);
        Assert.Equal(1, (await rig.UntilAsync(now => now.Dropped.Count == 1)).Dropped[EventDropReason.Refused]);
        Assert.Equal(0, status.FailedSends);
    }

    [Fact]
    public async Task A_period_of_drops_is_logged_when_it_begins_and_when_it_is_over()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
        TestSink sink = new();
        await using CaptureRig rig = await CaptureRig.StartAsync(sink, CaptureRig.Quick with { MaxEventBytes = 1000 }, time: time);
        string large = $"/{new string('x', 1000)}";

        rig.Send(large);
        Assert.Empty(rig.Log.Of(4101));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("1 because they were too large", Assert.Single(rig.Log.Of(4101)), StringComparison.Ordinal);

        rig.Send(large);
        AdvanceSeconds(5);
        rig.Send(large);
        AdvanceSeconds(10);
        Assert.Empty(rig.Log.Of(4102));
        AdvanceSeconds(1);

        Assert.Single(rig.Log.Of(4101));
        string end = Assert.Single(rig.Log.Of(4102));
        Assert.Contains("3 because they were too large", end, StringComparison.Ordinal);
        Assert.Contains("From 2026-01-01T12:00:01", end, StringComparison.Ordinal);

        void AdvanceSeconds(int seconds)
        {
            for (int i = 0; i < seconds; i++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }

    [Fact]
    public async Task Events_that_are_left_when_the_application_stops_are_counted()
    {
        TestSink sink = new();
        sink.Park();
        CaptureRig rig = await CaptureRig.StartAsync(sink, CaptureRig.Quick with { FlushTimeout = TimeSpan.FromMilliseconds(20) });
        rig.Send("/0");
        await sink.ParkedAsync();
        rig.SendNumbers(1, 9);

        await rig.StopAsync();
        rig.Send("/10");

        Assert.Equal(11, rig.Status.Dropped[EventDropReason.Stopped]);
        Assert.Equal((0, 0), (rig.Status.Buffered, rig.Status.Sent));
        await rig.DisposeAsync();
        Assert.True(sink.IsDisposed);
        sink.Release();
    }

    [Fact]
    public async Task Stopping_sends_what_is_left()
    {
        TestSink sink = new();
        CaptureRig rig = await CaptureRig.StartAsync(sink, CaptureRig.Quick with { Linger = TimeSpan.FromMinutes(1) });
        rig.SendNumbers(0, 100);

        await rig.StopAsync();

        Assert.Equal(100, sink.Values.Count);
        Assert.Empty(rig.Status.Dropped);
        await rig.DisposeAsync();
    }

    [Fact]
    public async Task All_events_of_many_threads_are_accounted_for()
    {
        const int Threads = 8;
        const int Each = 10_000;
        TestSink sink = new();
        CaptureRig rig = await CaptureRig.StartAsync(sink, CaptureRig.Quick with { MaxBufferedEvents = 500, MaxBatchEvents = 200 });

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() => rig.SendNumbers(thread * Each, Each))));
        await rig.StopAsync();

        EventCaptureStatus status = rig.Status;
        Assert.Equal(Threads * Each, status.Captured);
        Assert.Equal(status.Captured, status.Sent + status.Dropped.Values.Sum());
        Assert.Equal(status.Sent, sink.Values.Count);
        Assert.Equal(sink.Values.Count, sink.Values.Distinct().Count());

        // Of each thread, in its order.
        foreach (IGrouping<int, int> thread in sink.Values.Select(json => int.Parse(CaptureRig.IdOf(json), null)).GroupBy(number => number / Each))
        {
            Assert.Equal(thread.Order(), thread);
        }

        await rig.DisposeAsync();
    }
}

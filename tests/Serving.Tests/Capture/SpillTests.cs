using Lambda.Capture;
using Lambda.Capture.Spilling;
using Lambda.Serving.Tests.Capture.Support;

namespace Lambda.Serving.Tests.Capture;

public sealed class SpillTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_is_dropped_while_the_sink_is_down_and_all_is_sent_in_order_when_it_is_back()
    {
        TestSink sink = new() { IsDown = true };
        await using CaptureRig rig = await StartAsync(sink, CaptureRig.Quick with { MaxBufferedEvents = 64, MaxBatchEvents = 32 });
        for (int i = 0; i < 200; i++)
        {
            // No faster than the disk, as nothing waits for it.
            rig.SendNumbers(i * 10, 10);
            await rig.UntilAsync(status => status.Buffered < 32);
        }

        EventCaptureStatus down = await rig.UntilAsync(status => status.Spilled == 2000);
        Assert.Empty(down.Dropped);
        Assert.InRange(down.SpilledBytes, 2000 * 50, 2000 * 300);
        sink.IsDown = false;

        await sink.TakenAsync(2000);
        Assert.Equal(Numbers(2000), sink.Values.Select(CaptureRig.IdOf));
        await rig.UntilAsync(status => status is { Sent: 2000, Spilled: 0, SpilledBytes: 0 });
        Assert.Empty(_folder.Segments);
    }

    [Fact]
    public async Task Nothing_is_dropped_while_the_sink_does_not_answer()
    {
        TestSink sink = new();
        sink.Park();
        await using CaptureRig rig = await StartAsync(sink, CaptureRig.Quick with { MaxBufferedEvents = 64, MaxBatchEvents = 16, SpillAfter = TimeSpan.Zero });
        rig.Send("/0");
        await sink.ParkedAsync();
        rig.SendNumbers(1, 40);

        // What the sink has in its hands is on disk as well, as nobody knows what becomes of it.
        await rig.UntilAsync(status => status is { Spilled: 41, Buffered: 0 });
        sink.Release();

        await sink.TakenAsync(41);
        Assert.Equal(Numbers(41), sink.Values.Select(CaptureRig.IdOf));
        await rig.UntilAsync(status => status is { Sent: 41, Spilled: 0 });
    }

    [Fact]
    public async Task A_buffer_that_fills_up_is_spilled_although_the_sink_has_not_taken_long()
    {
        TestSink sink = new();
        sink.Park();
        await using CaptureRig rig = await StartAsync(
            sink, CaptureRig.Quick with { MaxBufferedEvents = 64, MaxBatchEvents = 4, SpillAfter = TimeSpan.FromMinutes(10) });
        rig.Send("/0");
        await sink.ParkedAsync();
        rig.SendNumbers(1, 4);
        await rig.UntilAsync(_ => Assert.Single(rig.Captures.Pipelines).Buffer.Count == 0);
        rig.SendNumbers(5, 31);
        Assert.Equal(0, rig.Status.Spilled);
        rig.Send("/36");

        await rig.UntilAsync(status => status.Spilled > 5);
        sink.Release();
        await sink.TakenAsync(37);
        Assert.Equal(Numbers(37), sink.Values.Select(CaptureRig.IdOf));
    }

    [Fact]
    public async Task Events_that_were_spilled_are_sent_by_the_next_process_before_its_own()
    {
        TestSink first = new() { IsDown = true };
        CaptureRig rig = await StartAsync(first);
        rig.SendNumbers(0, 50);
        await rig.StopAsync();
        Assert.Equal(50, rig.Status.Spilled);
        Assert.Empty(rig.Status.Dropped);
        await rig.DisposeAsync();

        TestSink second = new();
        second.Park();
        await using CaptureRig next = await StartAsync(second);
        await second.ParkedAsync();
        next.SendNumbers(50, 50);
        second.Release();

        await second.TakenAsync(100);
        Assert.Equal(Numbers(100), second.Values.Select(CaptureRig.IdOf));
        EventCaptureStatus status = await next.UntilAsync(now => now.Sent == 100);
        Assert.Equal((50, 50), (status.Captured, status.Recovered));
        Assert.Single(next.Log.Of(4108));
    }

    [Fact]
    public async Task Stopping_spills_what_a_sink_that_never_answers_has_in_its_hands()
    {
        TestSink sink = new();
        sink.Park();
        CaptureRig rig = await StartAsync(sink, CaptureRig.Quick with { FlushTimeout = TimeSpan.FromMilliseconds(10) });
        rig.Send("/0");
        await sink.ParkedAsync();
        rig.SendNumbers(1, 9);
        await rig.DisposeAsync();

        TestSink second = new();
        await using CaptureRig next = await StartAsync(second);
        await second.TakenAsync(10);
        Assert.Equal(Numbers(10), second.Values.Select(CaptureRig.IdOf));
        sink.Release();
    }

    [Fact]
    public async Task A_spill_folder_at_its_limit_drops_what_memory_has_no_room_for_and_says_so()
    {
        TestSink sink = new() { IsDown = true };
        await using CaptureRig rig = await StartAsync(
            sink, CaptureRig.Quick with { MaxBufferedEvents = 16, MaxBatchEvents = 8, FlushTimeout = TimeSpan.Zero }, maxBytes: 4000);
        List<string> kept = [];
        for (int i = 0; i < 200; i++)
        {
            rig.Send($"/{i}");
            long dropped = rig.Status.Dropped.Values.Sum();
            if (dropped + kept.Count == i)
            {
                kept.Add($"{i}");
            }

            // No faster than the disk, until that is full.
            await rig.UntilAsync(status => status.IsSpillFull || Assert.Single(rig.Captures.Pipelines).Buffer.Count < 16);
        }

        EventCaptureStatus full = await rig.UntilAsync(status => status.Spilled + status.Buffered == kept.Count);
        Assert.InRange(full.SpilledBytes, 2000, 4000);
        Assert.Equal(200 - kept.Count, Assert.Single(full.Dropped, dropped => dropped.Key == EventDropReason.SpillFull).Value);
        Assert.Single(full.Dropped);
        sink.IsDown = false;

        await sink.TakenAsync(kept.Count);
        Assert.Equal(kept, sink.Values.Select(CaptureRig.IdOf));
        await rig.UntilAsync(status => status is { Spilled: 0, IsSpillFull: false });
    }

    [Fact]
    public async Task What_is_on_a_disk_that_takes_nothing_more_is_sent_all_the_same()
    {
        // No file after the first, of 64 KiB, can be made.
        for (int number = 2; number < 100; number++)
        {
            Directory.CreateDirectory(SpillSegment.PathOf(_folder.Path, number));
        }

        TestSink sink = new() { IsDown = true };
        await using CaptureRig rig = await StartAsync(sink, CaptureRig.Quick with { MaxBufferedEvents = 2000, MaxBatchEvents = 32 }, maxBytes: 1 << 19);
        rig.SendNumbers(0, 1500);
        EventCaptureStatus full = await rig.UntilAsync(status => status is { SpillError: not null, Spilled: > 0, Buffered: > 0 });
        Assert.Equal(1500, full.Spilled + full.Buffered);
        sink.IsDown = false;

        await sink.TakenAsync(1500);
        Assert.Equal(Numbers(1500), sink.Values.Select(CaptureRig.IdOf));
        await rig.UntilAsync(status => status is { Sent: 1500, Spilled: 0, Buffered: 0, SpillError: null });
        Assert.Single(rig.Log.Of(4106));
        Assert.Single(rig.Log.Of(4107));
    }

    [Fact]
    public async Task A_folder_that_another_process_uses_is_waited_for()
    {
        using (FileStream other = new(Path.Combine(_folder.Path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            TestSink sink = new();
            await using CaptureRig rig = await StartAsync(sink);
            rig.Send("/0");
            await sink.TakenAsync(1);
            Assert.NotNull(rig.Status.SpillError);
            Assert.Contains(_folder.Path, Assert.Single(rig.Log.Of(4106)), StringComparison.Ordinal);
        }
    }

    /// <summary>A batch of the process's own was put behind what it found, and everything up to there was removed when that one was sent.</summary>
    [Fact]
    public async Task What_is_found_in_a_folder_that_was_opened_late_stays_when_a_batch_that_came_before_is_sent()
    {
        CaptureRig earlier = await StartAsync(new TestSink { IsDown = true });
        earlier.SendNumbers(1, 50);
        await earlier.DisposeAsync();
        TestSink sink = new();
        sink.Park();
        FileStream other = new(Path.Combine(_folder.Path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        await using CaptureRig rig = await StartAsync(sink, CaptureRig.Quick with { SpillAfter = TimeSpan.Zero });
        rig.Send("/0");
        await sink.ParkedAsync();
        await other.DisposeAsync();
        await rig.UntilAsync(status => status.Recovered == 50);
        rig.SendNumbers(51, 9);
        await rig.UntilAsync(status => status.Spilled >= 59);

        sink.Release();

        await sink.TakenAsync(60);
        Assert.Equal(Numbers(60), sink.Values.Select(CaptureRig.IdOf));
        await rig.UntilAsync(status => status is { Sent: 60, Spilled: 0, Buffered: 0 });
    }

    [Fact]
    public async Task A_batch_that_is_ahead_of_what_was_found_late_is_spilled_when_the_process_ends()
    {
        CaptureRig earlier = await StartAsync(new TestSink { IsDown = true });
        earlier.SendNumbers(0, 50);
        await earlier.DisposeAsync();
        TestSink down = new() { IsDown = true };
        FileStream other = new(Path.Combine(_folder.Path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        CaptureRig rig = await StartAsync(down, CaptureRig.Quick with { FlushTimeout = TimeSpan.Zero });
        rig.Send("/50");
        await rig.UntilAsync(status => status.FailedSends > 0);
        await other.DisposeAsync();
        await rig.UntilAsync(status => status.Recovered == 50);
        await rig.DisposeAsync();

        TestSink sink = new();
        await using CaptureRig next = await StartAsync(sink);

        await sink.TakenAsync(51);
        Assert.Equal(Numbers(51), sink.Values.Select(CaptureRig.IdOf));
    }

    /// <summary>What had been read until then was taken for a batch from memory: it was spilled again, and everything on disk was removed when it was sent.</summary>
    [Fact]
    public async Task A_file_that_cannot_be_read_for_a_while_holds_up_what_is_in_it_and_nothing_is_lost_or_doubled()
    {
        TestSink sink = new() { IsDown = true };
        await using CaptureRig rig = await StartAsync(sink, CaptureRig.Quick with { MaxBatchEvents = 1200 }, maxBytes: 1 << 19);
        for (int i = 0; i < 100; i++)
        {
            // In files of 64 KiB, of which a batch takes several.
            rig.SendNumbers(i * 10, 10);
            await rig.UntilAsync(status => status.Buffered == 0);
        }

        Assert.True(_folder.Segments.Count > 1);
        string second = _folder.Segments[1];
        File.Move(second, $"{second}.away");
        long failed = rig.Status.FailedSends;
        await rig.UntilAsync(status => status.SpillError is not null || status.FailedSends > failed + 1);
        sink.IsDown = false;
        await rig.UntilAsync(status => status.SpillError is not null);
        File.Move($"{second}.away", second);

        await rig.UntilAsync(status => status is { Spilled: 0, Buffered: 0, SpillError: null });
        Assert.Equal(Numbers(1000), sink.Values.Select(CaptureRig.IdOf));
        Assert.Equal(1000, rig.Status.Sent);
    }

    private static IEnumerable<string> Numbers(int count) => Enumerable.Range(0, count).Select(number => $"{number}");

    private Task<CaptureRig> StartAsync(TestSink sink, EventCaptureLimits? limits = null, long maxBytes = 1L << 30) =>
        CaptureRig.StartAsync(sink, limits, capture => capture.SpillToDisk(_folder.Path, maxBytes));
}

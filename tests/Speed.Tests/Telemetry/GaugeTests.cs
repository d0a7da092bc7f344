using Lambda.Log;
using Lambda.Speed.Telemetry;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Speed.Tests.Telemetry;

/// <summary>Lag and watermark delay, with time and the log in the test's hand.</summary>
public class GaugeTests(Platform platform)
{
    private const string Events = "lambda.speed.lag.events 0";
    private const string Time = "lambda.speed.lag.time 0";
    private const string Delay = "lambda.speed.watermark.delay 0";

    [Fact]
    public async Task Records_lag_from_their_append_until_their_commit()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        using Measurements figures = new(rig.Stream.Name);
        await rig.AppendAsync(20);
        figures.Observe();
        Assert.Empty(figures.Of("lambda.speed.lag.events"));

        rig.Start();
        await rig.RestAsync();
        figures.Observe();
        Assert.Equal((20, 0), (figures[Events], figures[Time]));
        rig.Time.Advance(TimeSpan.FromMilliseconds(60));
        figures.Observe();
        Assert.Equal((20, 0.06), (figures[Events], figures[Time]));
        Assert.Empty(figures.Of("lambda.speed.watermark.delay"));

        rig.Time.Advance(TimeSpan.FromMilliseconds(40));
        await rig.CommittedAsync(20);
        figures.Observe();
        Assert.Equal((0, 0), (figures[Events], figures[Time]));
        long newest = rig.Store.Commits[^1].MaxEventTime!.Value;
        double now = (rig.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        Assert.Equal(now - ((newest - Readings.OutOfOrderness - 1) / 1e6), figures[Delay], tolerance: 1e-3);
        await rig.StopAsync();
    }

    [Fact]
    public async Task A_commit_that_takes_long_shows_as_lag_and_as_a_commit_under_way()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 20 });
        using Measurements figures = new(rig.Stream.Name);
        TaskCompletionSource store = new();
        rig.Store.Before = what => what == ObservedStore.Committed ? store.Task : Task.CompletedTask;
        await rig.AppendAsync(20);
        rig.Start();
        await rig.Store.Milestones.WhenAsync(ObservedStore.Begun);
        rig.Time.Advance(TimeSpan.FromSeconds(90));

        figures.Observe();
        Assert.Equal((20, 90), (figures[Events], figures[Time]));
        Assert.Equal(TimeSpan.FromSeconds(90), rig.Metrics.Board.Find(rig.Stream.Name, 0)!.CommitUnderWay);
        store.SetResult();
        await rig.CommittedAsync(20);
        figures.Observe();
        Assert.Equal((0, 0), (figures[Events], figures[Time]));
        Assert.Null(rig.Metrics.Board.Find(rig.Stream.Name, 0)!.CommitUnderWay);
        await rig.StopAsync();
    }

    [Fact]
    public async Task Records_that_were_not_read_count_once_the_log_was_asked_and_looking_asks_nothing()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        using Measurements figures = new(rig.Stream.Name);
        PartitionProgress progress = rig.Metrics.Board.Follow(rig.Stream.Name, 0);
        progress.OnClaimed(rig.Stream, new PartitionClaim(1, 1, 0, null));
        await rig.AppendAsync(30);
        using LagSampler sampler = new(rig.Log, rig.Metrics, rig.Options, rig.Time, NullLogger<LagSampler>.Instance);

        figures.Observe();
        Assert.Equal((0, 0), (figures[Events], figures[Time]));
        await sampler.SampleAsync(Waiting.Token);
        rig.Time.Advance(TimeSpan.FromSeconds(7));
        await sampler.SampleAsync(Waiting.Token);
        figures.Observe();
        Assert.Equal((30, 7), (figures[Events], figures[Time]));
    }

    // In a topic that keeps the times of producers a partition that was up to date lagged by hours, and its process was not ready, whenever one of them sent what it had held back.
    [Fact]
    public void A_record_that_came_since_all_was_read_has_waited_since_then_whatever_its_append_time()
    {
        FakeTimeProvider time = new(RandomRecords.AppendedAt);
        PartitionProgress progress = new("late_producers", 0, time);
        PartitionClaim claim = new(1, 1, 100, null);
        progress.OnClaimed(Readings.Stream("late_producers"), claim);
        using RecordBatch records = new();
        records.Add(100, time.Now() - UtcMicroseconds.From(TimeSpan.FromHours(2)), "k"u8, "v"u8);

        progress.OnLogEnd(100);
        time.Advance(TimeSpan.FromSeconds(3));
        progress.OnLogEnd(101);
        progress.OnRead(records);
        Assert.Equal(TimeSpan.FromSeconds(3), progress.LagTime);

        // Read once more, as it could not be committed: it may have been there for longer. A reader that finds nothing does not show that there is nothing.
        progress.OnClaimed(Readings.Stream("late_producers"), claim);
        progress.OnEndReached(100);
        progress.OnRead(records);
        Assert.Equal(TimeSpan.FromHours(2) + TimeSpan.FromSeconds(3), progress.LagTime);
    }

    [Fact]
    public void An_end_of_the_log_that_only_markers_lie_before_is_no_lag()
    {
        PartitionProgress progress = new("markers", 0, TimeProvider.System);
        progress.OnClaimed(Readings.Stream("markers"), new PartitionClaim(1, 1, 100, null));
        progress.OnLogEnd(101);
        Assert.Equal(1, progress.LagEvents);
        progress.OnEndReached(100);
        Assert.Equal((0, TimeSpan.Zero), (progress.LagEvents, progress.LagTime));
        progress.OnLogEnd(103);
        Assert.Equal(3, progress.LagEvents);
    }

    [Fact]
    public async Task A_log_that_does_not_answer_holds_nobody_up_and_leaves_the_lag_as_it_was_known()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        PartitionProgress progress = rig.Metrics.Board.Follow(rig.Stream.Name, 0);
        progress.OnClaimed(rig.Stream, new PartitionClaim(1, 1, 0, null));
        progress.OnLogEnd(5);
        rig.Metrics.Board.Add("no such stream", 0);
        using LagSampler sampler = new(new SilentLog(rig.Log, rig.Stream.Name), rig.Metrics, rig.Options, rig.Time, NullLogger<LagSampler>.Instance);

        Task sampling = sampler.SampleAsync(Waiting.Token);
        Assert.False(sampling.IsCompleted);
        rig.Time.Advance(rig.Options.LagSampleInterval);
        await sampling.InTime();
        Assert.Equal(5, progress.LagEvents);
    }
}

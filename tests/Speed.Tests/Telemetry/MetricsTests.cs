using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Speed.Telemetry;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Plans;
using Xunit;

namespace Lambda.Speed.Tests.Telemetry;

/// <summary>What the layer counts, held to the oracle.</summary>
public class MetricsTests(Platform platform)
{
    [Theory]
    [InlineData(7, 1)]
    [InlineData(7, 600_000)]
    [InlineData(100_000, 600_000)]
    public async Task Late_events_of_each_view_and_refusals_by_reason_are_those_of_the_oracle_however_commits_and_epochs_cut(
        int maxEventsPerCommit, int epochMilliseconds)
    {
        SpeedOptions options = SpeedOptions.Default with
        {
            MaxEventsPerCommit = maxEventsPerCommit,
            EpochInterval = TimeSpan.FromMilliseconds(epochMilliseconds),
        };
        await using TaskRig rig = await TaskRig.CreateAsync(platform, options);
        using Measurements figures = new(rig.Stream.Name);
        await rig.AppendAsync(1000);
        rig.Log.AfterRead = (_, _) => rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        rig.Log.ReadLimit = () => 50;
        rig.Start();
        await rig.RestAsync();
        rig.Time.Advance(options.CommitInterval);
        await rig.CommittedAsync(1000);

        List<(int Partition, long Offset, LogRecord Record)> placed = LogRecords.Place(rig.Records, 1);
        foreach ((string view, ViewAnswer answer) in SpeedOracle.Answer(placed))
        {
            Assert.Equal(answer.Late.EventCount, figures[$"lambda.speed.late 0 {view}"]);
        }

        Assert.True(figures[$"lambda.speed.late 0 {Readings.BySensor}"] > 0 && figures[$"lambda.speed.late 0 {Readings.Visits}"] > 0);
        Assert.Equal(
            rig.Records.Where(record => record.Refusal is not null).CountBy(record => record.Refusal!.Value)
                .ToDictionary(reason => $"lambda.speed.quarantined 0 {Camel(reason.Key)}", reason => (double)reason.Value),
            figures.Of("lambda.speed.quarantined"));
        Assert.Equal(rig.Store.Commits.Count, figures["lambda.speed.commit.duration 0"]);
        Assert.Equal(rig.Store.Commits.Count(commit => commit.EpochEnd == EpochEnd.Seal), figures["lambda.speed.epochs 0"]);
        Assert.Equal(rig.Store.Partials, figures["lambda.speed.partials 0"]);
        await rig.StopAsync();
    }

    [Fact]
    public void Late_events_of_windows_that_slide_count_when_all_their_windows_refused_them()
    {
        StreamDefinition stream = SlidingLate.Stream("sliding-late");
        using Measurements figures = new(stream.Name);
        SpeedMetrics metrics = new(platform.Meters);
        PartitionPipeline pipeline = new(new StreamPlan(stream), 0, new PartitionClaim(1, 1, 0, null));

        // After 12:11 windows are refused that end at 12:10 or before. 11:58 is in those that end at 12:00 and 12:05, 12:03 in 12:05 and 12:10, and
        // 12:06 in 12:10 and 12:15.
        foreach ((string time, int lateSoFar) in ((string, int)[])[("12:11", 0), ("11:58", 1), ("12:03", 2), ("12:06", 2), ("11:58", 3)])
        {
            using RecordBatch batch = new();
            batch.Add(pipeline.NextOffset, SlidingLate.AppendedAt, [], SlidingLate.Json(time));
            pipeline.Process(batch);
            metrics.OnCommit(pipeline.TakeCommit(EpochRule.KeepOpen), TimeSpan.Zero);
            Assert.Equal(lateSoFar, figures["lambda.speed.late 0 sliding"]);
        }
    }

    [Fact]
    public void What_happens_to_partitions_is_counted_and_a_partition_that_was_taken_away_is_no_longer_told_of()
    {
        using Measurements figures = new("moved");
        SpeedMetrics metrics = new(platform.Meters);
        metrics.OnAssigned("moved", 0);
        metrics.OnAssigned("moved", 1);
        metrics.OnAssigned("moved", 2);
        metrics.OnRevoked("moved", 1);
        metrics.OnLost("moved", 2);
        metrics.OnGapAccepted("moved", 0, new OffsetRange(10, 15));
        metrics.OnFenced("moved", 0);

        Assert.Equal(1, figures["lambda.speed.rebalances 1 revoked"]);
        Assert.Equal(1, figures["lambda.speed.rebalances 2 lost"]);
        Assert.Equal(3, figures.Of("lambda.speed.rebalances").Where(change => change.Key.EndsWith("assigned", StringComparison.Ordinal)).Sum(change => change.Value));
        Assert.Equal((1, 5), (figures["lambda.speed.gaps 0"], figures["lambda.speed.gap.offsets 0"]));
        Assert.Equal(1, figures["lambda.speed.fenced 0"]);
        figures.Observe();
        Assert.Equal(
            new Dictionary<string, double>
            {
                ["lambda.speed.partitions assigned"] = 0,
                ["lambda.speed.partitions running"] = 0,
                ["lambda.speed.partitions restarting"] = 0,
                ["lambda.speed.partitions stopped"] = 1,
            },
            figures.Of("lambda.speed.partitions"));
    }

    [Fact]
    public async Task A_commit_that_the_store_does_not_take_is_counted()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 5 });
        using Measurements figures = new(rig.Stream.Name);
        rig.Store.Before = what => what == ObservedStore.Committed ? throw new ViewStoreException("No room.") : Task.CompletedTask;
        await rig.AppendAsync(5);
        rig.Start();
        await rig.RestAsync();
        rig.Time.Advance(rig.Options.SealPollInterval);
        await Assert.ThrowsAsync<ViewStoreException>(() => rig.Running.InTime());

        Assert.Equal(1, figures["lambda.speed.commit.failures 0"]);
        Assert.Empty(figures.Of("lambda.speed.commit.duration"));
    }

    private static string Camel(RejectReason reason) => char.ToLowerInvariant($"{reason}"[0]) + $"{reason}"[1..];
}

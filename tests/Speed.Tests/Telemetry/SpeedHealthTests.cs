using Lambda.Health;
using Lambda.Log;
using Lambda.Replays;
using Lambda.Speed.Health;
using Lambda.Speed.Telemetry;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Views;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Speed.Tests.Telemetry;

/// <summary>When the layer says that it does its job, and why not.</summary>
public class SpeedHealthTests(Platform platform)
{
    private static readonly SpeedOptions SmallCommits = SpeedOptions.Default with { MaxEventsPerCommit = 10, CommitInterval = TimeSpan.FromMilliseconds(1) };

    [Fact]
    public async Task A_layer_is_ready_once_its_partitions_are_computed_and_a_lost_range_shows()
    {
        StreamDefinition stream = await platform.CreateStreamAsync(partitions: 2);
        await using LayerRig rig = new(platform, stream, SmallCommits);
        SpeedHealth health = new(rig.Metrics, SmallCommits);
        PartHealth before = await health.CheckAsync(Waiting.Token);
        Assert.Equal((HealthState.NotReady, "The layer has not been given its partitions yet."), (before.State, before.Reason));

        rig.Log.BeforeWait = (partition, offset) =>
        {
            if (partition == 1)
            {
                throw new OffsetTrimmedException(stream.Name, 1, offset, offset + 10);
            }
        };
        await rig.StartAsync();
        await rig.Log.Milestones.WhenAsync(ObservedLog.Rest(0, partition: 0));
        await rig.Messages.Milestones.WhenAsync(LoggedEvents.OffsetsLost);

        PartHealth after = await health.CheckAsync(Waiting.Token);
        Assert.Equal(HealthState.NotReady, after.State);
        Assert.Equal(new ItemHealth($"{stream.Name}/0", HealthState.Ready, null), after.Items[0]);
        Assert.Equal(($"{stream.Name}/1", HealthState.NotReady), (after.Items[1].Name, after.Items[1].State));
        Assert.Contains("[0, 10) have been removed by retention", after.Items[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partition_that_starts_again_says_why_until_it_gets_on()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        FakeTimeProvider time = new(RandomRecords.AppendedAt);
        await using LayerRig rig = new(platform, stream, SmallCommits, time);
        SpeedHealth health = new(rig.Metrics, SmallCommits);
        bool fails = true;
        rig.Log.BeforeRead = (_, _) =>
        {
            if (fails)
            {
                throw new EventLogException("The broker is down.");
            }
        };
        await rig.StartAsync();
        await rig.Messages.Milestones.WhenAsync(LoggedEvents.Restarting);
        Assert.Equal("It starts again after an error: The broker is down.", await ReasonAsync(health));

        // It says so before it begins to wait.
        fails = false;
        while (!rig.Log.Milestones.Reached(ObservedLog.Rest(0)))
        {
            time.Advance(SmallCommits.RestartDelay);
            await Task.Yield();
        }

        Assert.Equal(HealthState.Ready, (await health.CheckAsync(Waiting.Token)).State);
    }

    [Fact]
    public async Task A_replay_that_does_not_get_on_says_why_once_and_shows_until_it_does()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        await platform.AppendAsync(stream, RandomRecords.Create(new Random(7), 20));
        SpeedOptions options = SmallCommits with { RestartDelay = TimeSpan.FromMilliseconds(1), ReplayPollInterval = TimeSpan.FromMilliseconds(1) };
        FailingArchive archive = new();
        await using LayerRig rig = new(platform, stream, options, archive: archive);
        SpeedHealth health = new(rig.Metrics, options);
        await rig.StartAsync();
        await rig.Log.Milestones.WhenAsync(ObservedLog.Rest(20));

        await platform.Store.BeginReplayAsync(stream.Name, [.. stream.Views.Select(view => view.Layout)], Boundary.Zero(1), Waiting.Token);
        await archive.Milestones.WhenAsync(FailingArchive.Asked, times: 5);

        PartHealth meanwhile = await health.CheckAsync(Waiting.Token);
        Assert.Equal(HealthState.Degraded, meanwhile.State);
        Assert.Equal(
            [
                new ItemHealth($"{stream.Name}/0", HealthState.Ready, null),
                new ItemHealth($"{stream.Name}~1/0", HealthState.Degraded, "It starts again after an error: The history is away."),
            ],
            meanwhile.Items);
        Assert.Equal(1, rig.Messages.Milestones.Count(LoggedEvents.ReplayRestarting));

        archive.Recover();
        while ((await health.CheckAsync(Waiting.Token)).State != HealthState.Ready)
        {
            await Task.Delay(options.RestartDelay, Waiting.Token);
        }

        await platform.Store.DropEditionAsync(stream.Name, 1, Waiting.Token);
        while ((await health.CheckAsync(Waiting.Token)).Items.Count > 1)
        {
            await Task.Delay(options.RestartDelay, Waiting.Token);
        }
    }

    [Fact]
    public async Task A_partition_that_lags_too_far_or_commits_too_long_is_not_ready()
    {
        FakeTimeProvider time = new(RandomRecords.AppendedAt);
        SpeedMetrics metrics = new(platform.Meters, time);
        SpeedHealth health = new(metrics, SpeedOptions.Default);
        metrics.OnAssigned("lagging", 3);
        metrics.OnJoined();
        Assert.Contains("not computed yet", await ReasonAsync(health), StringComparison.Ordinal);

        PartitionProgress progress = metrics.Board.Follow("lagging", 3);
        progress.OnClaimed(Readings.Stream("lagging"), new PartitionClaim(1, 1, 0, null));
        progress.OnEndReached(0);
        Assert.Null(await ReasonAsync(health));
        progress.OnLogEnd(12);
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Null(await ReasonAsync(health));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(
            "The oldest of 12 records that are not committed has been waiting for 61 s, longer than MaxReadyLag of 60 s.", await ReasonAsync(health));
        progress.OnEndReached(12);
        progress.OnCommitStarted();
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("A commit has been under way for 61 s. Look at the store.", await ReasonAsync(health));
    }

    [Fact]
    public async Task A_member_that_was_given_no_partition_stands_by_and_is_ready()
    {
        SpeedMetrics metrics = new(platform.Meters);
        metrics.OnJoined();
        Assert.Equal(HealthState.Ready, (await new SpeedHealth(metrics, SpeedOptions.Default).CheckAsync(Waiting.Token)).State);
    }

    private static async Task<string?> ReasonAsync(SpeedHealth health) => Assert.Single((await health.CheckAsync(Waiting.Token)).Items).Reason;

    /// <summary>A history without records, which cannot be read at first.</summary>
    private sealed class FailingArchive : IArchivedRecords
    {
        public const string Asked = "asked";

        private volatile bool _fails = true;

        public Milestones Milestones { get; } = new();

        public void Recover() => _fails = false;

        public ValueTask<Boundary> FindEndAsync(string stream, CancellationToken cancellationToken)
        {
            Milestones.Reach(Asked);
            return _fails ? throw new EventLogException("The history is away.") : ValueTask.FromResult(Boundary.Zero(1));
        }

        public ValueTask ReadAsync(string stream, int partition, long from, long to, RecordBatch destination, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("There is nothing in it.");
    }
}

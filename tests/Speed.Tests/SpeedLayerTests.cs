using Lambda.Speed.Tests.Fixtures;
using Lambda.Views;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Speed.Tests;

public class SpeedLayerTests(Platform platform)
{
    private static readonly SpeedOptions SmallCommits = SpeedOptions.Default with { MaxEventsPerCommit = 10 };

    [Fact]
    public async Task A_failing_partition_starts_again_after_the_delay_and_the_others_go_on()
    {
        StreamDefinition stream = await platform.CreateStreamAsync(partitions: 2);
        List<LogRecord> records = RandomRecords.Create(new Random(1), 400);
        List<long> ends = Platform.Ends(records, 2);
        await platform.AppendAsync(stream, records);
        FakeTimeProvider time = new(RandomRecords.AppendedAt);
        await using LayerRig rig = new(platform, stream, SmallCommits with { RestartDelay = TimeSpan.FromMinutes(5) }, time);
        bool fails = true;
        rig.Log.BeforeRead = (partition, _) => ThrowIf<IOException>(fails && partition == 0);
        await rig.StartAsync();
        await rig.CommittedAsync([0, ends[1]]);
        await rig.Messages.Milestones.WhenAsync(LoggedEvents.Restarting);
        fails = false;
        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.Equal(2, rig.Store.Milestones.Count(ObservedStore.Claimed));
        time.Advance(TimeSpan.FromTicks(1));
        await rig.CommittedAsync(ends);
        Assert.Equal(3, rig.Store.Milestones.Count(ObservedStore.Claimed));
        Assert.Equal(1, rig.Messages.Milestones.Count(LoggedEvents.Restarting));
        await platform.AssertIsWholeAsync(stream, records);
    }

    /// <summary>As from a server that goes down as the processes do which use it. A layer that fails ends its host with an error.</summary>
    [Fact]
    public async Task A_stop_is_one_even_when_the_store_fails_to_say_what_replays_there_are()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        GoneEditions editions = new(platform.Store);
        await using LayerRig rig = new(platform, stream, SpeedOptions.Default with { ReplayPollInterval = TimeSpan.FromMilliseconds(1) }, editions: editions);
        await rig.StartAsync();
        await editions.Asked.InTime();

        await rig.StopAsync();

        await rig.Running!.InTime();
    }

    [Fact]
    public async Task A_partition_that_another_owner_has_claimed_is_given_up_and_the_others_go_on()
    {
        StreamDefinition stream = await platform.CreateStreamAsync(partitions: 2);
        List<LogRecord> records = RandomRecords.Create(new Random(2), 400);
        List<long> ends = Platform.Ends(records, 2);
        FakeTimeProvider time = new(RandomRecords.AppendedAt);
        await using LayerRig rig = new(platform, stream, SmallCommits with { CommitInterval = TimeSpan.FromMilliseconds(1), TakeBackDelay = TimeSpan.FromHours(1) }, time);
        await rig.StartAsync();
        await rig.Log.Milestones.WhenAsync(ObservedLog.Rest(0, partition: 0));
        await rig.Log.Milestones.WhenAsync(ObservedLog.Rest(0, partition: 1));
        await platform.Store.ClaimAsync(stream.Name, 0, Waiting.Token);
        await platform.AppendAsync(stream, records);
        await rig.CommittedAsync([0, ends[1]]);
        await rig.Log.Milestones.WhenAsync(ObservedLog.Rest(ends[0], partition: 0));
        time.Advance(TimeSpan.FromMinutes(1));
        await rig.Messages.Milestones.WhenAsync(LoggedEvents.Fenced);
        time.Advance(TimeSpan.FromMinutes(1));

        // The store writes in turn: what the fenced partition might still ask of it would be done before these records are.
        await platform.AppendAsync(stream, records);
        await rig.CommittedAsync([0, 2 * ends[1]]);
        Assert.Equal(0, rig.Messages.Milestones.Count(LoggedEvents.Restarting));
        Assert.Equal(2, rig.Store.Milestones.Count(ObservedStore.Claimed));
        Assert.All(rig.Store.Commits, commit => Assert.Equal(1, commit.Partition));
        Assert.Equal(0, (await platform.Store.ReadStreamAsync(stream.Name, Waiting.Token))!.Partitions[0].NextOffset);
    }

    [Fact]
    public async Task A_partition_whose_records_are_gone_stops_with_an_error_and_the_others_go_on()
    {
        StreamDefinition stream = await platform.CreateStreamAsync(partitions: 2);
        List<LogRecord> records = RandomRecords.Create(new Random(3), 400);
        List<long> ends = Platform.Ends(records, 2);
        await platform.AppendAsync(stream, records);
        await platform.Log.TrimAsync(stream.Name, 0, 5, Waiting.Token);
        FakeTimeProvider time = new(RandomRecords.AppendedAt);
        await using LayerRig rig = new(platform, stream, SmallCommits, time);
        await rig.StartAsync();
        await rig.Messages.Milestones.WhenAsync(LoggedEvents.OffsetsLost);
        await rig.CommittedAsync([0, ends[1]]);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, rig.Messages.Milestones.Count(LoggedEvents.Restarting));
        Assert.Equal(2, rig.Store.Milestones.Count(ObservedStore.Claimed));
    }

    [Fact]
    public async Task A_stop_during_the_delay_of_a_restart_ends_at_once()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        await using LayerRig rig = new(platform, stream, SmallCommits, new FakeTimeProvider());
        rig.Log.BeforeRead = (_, _) => ThrowIf<IOException>(true);
        await rig.StartAsync();
        await rig.Messages.Milestones.WhenAsync(LoggedEvents.Restarting);
        await rig.StopAsync();
    }

    [Fact]
    public async Task A_host_needs_a_catalog_a_log_and_a_store_and_finds_its_figures_on_the_meter()
    {
        StreamDefinition stream = await platform.CreateStreamAsync(partitions: 3);
        List<LogRecord> records = RandomRecords.Create(new Random(4), 400);
        await platform.AppendAsync(stream, records);
        await using ServiceProvider services = new ServiceCollection().AddLogging()
            .AddSingleton(Readings.Catalog(stream.Name, 3))
            .AddSingleton(platform.Log)
            .AddSingleton(platform.Store)
            .AddSpeedLayer(SmallCommits)
            .BuildServiceProvider();
        using Measurements figures = new(stream.Name);
        SpeedLayer layer = Assert.Single(services.GetServices<IHostedService>().OfType<SpeedLayer>());
        await layer.StartAsync(Waiting.Token);
        await services.GetRequiredService<CommittedOffsets>().WaitAsync(stream.Name, Platform.Ends(records, 3), Waiting.Token).InTime();
        await layer.StopAsync(Waiting.Token).InTime();
        await platform.AssertIsWholeAsync(stream, records);
        Assert.Equal(records.Count(record => record.Refusal is null), figures.Of("lambda.speed.events").Values.Sum());
        Assert.Equal(records.Count(record => record.Refusal is not null), figures.Of("lambda.speed.quarantined").Values.Sum());
        Assert.True(figures.Of("lambda.speed.partials").Values.Sum() > 0);
    }

    private static void ThrowIf<TException>(bool condition)
        where TException : Exception, new()
    {
        if (condition)
        {
            throw new TException();
        }
    }
}

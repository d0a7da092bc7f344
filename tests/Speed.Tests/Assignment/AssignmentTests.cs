using Lambda.Log;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Views;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Speed.Tests.Assignment;

public class AssignmentTests(Platform platform)
{
    private static readonly SpeedOptions Patient = SpeedOptions.Default with { CommitInterval = TimeSpan.FromHours(1) };

    [Fact]
    public async Task A_partition_is_computed_from_when_it_is_given_and_no_other_is()
    {
        StreamDefinition stream = await platform.CreateStreamAsync(partitions: 3);
        List<LogRecord> records = RandomRecords.Create(new Random(1), 300);
        List<long> ends = Platform.Ends(records, 3);
        await platform.AppendAsync(stream, records);
        ScriptedGroup group = new();
        await using LayerRig rig = new(platform, stream, SpeedOptions.Default, group: group);
        await rig.StartAsync();
        await group.AssignAsync(new StreamPartition(stream.Name, 1));
        await rig.CommittedAsync([0, ends[1], 0]);
        Assert.Equal([0L, ends[1], 0L], await OffsetsAsync(stream));
        Assert.Equal(1, rig.Store.Milestones.Count(ObservedStore.Claimed));
        lock (group.Reported)
        {
            Assert.Equal(new Dictionary<StreamPartition, long> { [new(stream.Name, 1)] = ends[1] }, group.Reported);
        }
    }

    [Fact]
    public async Task A_partition_that_is_taken_away_is_committed_before_the_next_owner_may_have_it()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(2), 200);
        StreamPartition partition = new(stream.Name, 0);
        ScriptedGroup group = new();
        await using LayerRig rig = new(platform, stream, Patient, new FakeTimeProvider(RandomRecords.AppendedAt), group: group);
        TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Store.Before = what => what == ObservedStore.Committed ? held.Task : Task.CompletedTask;
        await rig.StartAsync();
        await group.AssignAsync(partition);
        await platform.AppendAsync(stream, records);
        await rig.Log.Milestones.WhenAsync(ObservedLog.Rest(records.Count));
        Task revoked = group.RevokeAsync(partition);
        await rig.Store.Milestones.WhenAsync(ObservedStore.Begun);
        Assert.False(revoked.IsCompleted);
        held.SetResult();
        await revoked.InTime();
        Assert.Null(rig.Committed.Find(stream.Name, 0));
        await platform.AssertIsWholeAsync(stream, records);
    }

    [Fact]
    public async Task What_is_in_progress_on_a_lost_partition_is_given_up()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(3), 200);
        StreamPartition partition = new(stream.Name, 0);
        ScriptedGroup group = new();
        await using LayerRig rig = new(platform, stream, Patient, new FakeTimeProvider(RandomRecords.AppendedAt), group: group);
        await rig.StartAsync();
        await group.AssignAsync(partition);
        await platform.AppendAsync(stream, records);
        await rig.Log.Milestones.WhenAsync(ObservedLog.Rest(records.Count));
        await group.LoseAsync(partition);
        Assert.Empty(rig.Store.Commits);
        Assert.Equal([0L], await OffsetsAsync(stream));

        // Given anew, it is computed from the start.
        await group.AssignAsync(partition);
        await rig.Log.Milestones.WhenAsync(ObservedLog.Rest(records.Count), times: 2);
        await group.RevokeAsync(partition);
        await platform.AssertIsWholeAsync(stream, records);
    }

    [Fact]
    public async Task A_lost_partition_does_not_wait_for_a_store_that_does_not_answer()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        StreamPartition partition = new(stream.Name, 0);
        ScriptedGroup group = new();
        await using LayerRig rig = new(platform, stream, SpeedOptions.Default with { MaxEventsPerCommit = 1 }, group: group);
        rig.Store.CommitsHang = true;
        await rig.StartAsync();
        await platform.AppendAsync(stream, RandomRecords.Create(new Random(4), 20));
        await group.AssignAsync(partition);
        await rig.Store.Milestones.WhenAsync(ObservedStore.Begun);
        await group.LoseAsync(partition);
        Assert.Empty(rig.Store.Commits);
    }

    /// <summary>As from a group that waits no longer for a commit which the store does not answer. The end of the one would take what the other tells off the board.</summary>
    [Fact]
    public async Task A_partition_that_comes_back_before_it_has_been_given_up_is_followed_by_one_at_a_time()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(9), 200);
        StreamPartition partition = new(stream.Name, 0);
        ScriptedGroup group = new();
        await using LayerRig rig = new(platform, stream, SpeedOptions.Default, group: group);
        TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Store.Before = what => what == ObservedStore.Committed ? held.Task : Task.CompletedTask;
        await rig.StartAsync();
        await group.AssignAsync(partition);
        await platform.AppendAsync(stream, records);
        await rig.Store.Milestones.WhenAsync(ObservedStore.Begun);
        await group.RevokeInVainAsync(partition);

        Task assigned = group.AssignAsync(partition);

        Assert.False(assigned.IsCompleted);
        Assert.Equal(1, rig.Store.Milestones.Count(ObservedStore.Claimed));
        held.SetResult();
        await assigned.InTime();
        await rig.CommittedAsync([records.Count]);
        Assert.NotNull(rig.Metrics.Board.Find(stream.Name, 0));
        await rig.StopAsync();
        await platform.AssertIsWholeAsync(stream, records);
    }

    [Fact]
    public async Task A_stop_commits_everything_and_leaves_the_group()
    {
        StreamDefinition stream = await platform.CreateStreamAsync(partitions: 2);
        List<LogRecord> records = RandomRecords.Create(new Random(5), 300);
        List<long> ends = Platform.Ends(records, 2);
        ScriptedGroup group = new();
        await using LayerRig rig = new(platform, stream, Patient, new FakeTimeProvider(RandomRecords.AppendedAt), group: group);
        await rig.StartAsync();
        await group.AssignAsync(new(stream.Name, 0), new(stream.Name, 1));
        await platform.AppendAsync(stream, records);
        await rig.Log.Milestones.WhenAsync(ObservedLog.Rest(ends[0], 0));
        await rig.Log.Milestones.WhenAsync(ObservedLog.Rest(ends[1], 1));
        await rig.StopAsync();
        Assert.Empty(group.Given);
        await platform.AssertIsWholeAsync(stream, records);
    }

    [Fact]
    public async Task A_partition_stolen_by_a_process_that_does_not_work_is_taken_back()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(6), 200);
        ScriptedGroup group = new();
        SpeedOptions options = SpeedOptions.Default with { CommitInterval = TimeSpan.FromMilliseconds(1), TakeBackDelay = TimeSpan.FromMilliseconds(20) };
        await using LayerRig rig = new(platform, stream, options, group: group);
        await rig.StartAsync();
        await group.AssignAsync(new StreamPartition(stream.Name, 0));
        await rig.Log.Milestones.WhenAsync(ObservedLog.Rest(0));

        // As a process does that was paused between being given the partition and claiming it.
        await platform.Store.ClaimAsync(stream.Name, 0, Waiting.Token);
        await platform.AppendAsync(stream, records);
        await rig.CommittedAsync([records.Count]);
        Assert.Equal(1, rig.Messages.Milestones.Count(LoggedEvents.Fenced));
        Assert.Equal(1, rig.Messages.Milestones.Count(LoggedEvents.TakingBack));
        await rig.StopAsync();
        await platform.AssertIsWholeAsync(stream, records);
    }

    [Fact]
    public async Task A_stolen_partition_without_new_records_is_taken_back_once_nobody_seals_its_epoch()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(8), 200);
        StreamPartition partition = new(stream.Name, 0);
        SpeedOptions options = SpeedOptions.Default with { CommitInterval = TimeSpan.FromMilliseconds(1), TakeBackDelay = TimeSpan.FromMilliseconds(20) };
        ScriptedGroup own = new();
        ScriptedGroup earlier = new();
        await using LayerRig owner = new(platform, stream, options, group: own);
        await using LayerRig thief = new(platform, stream, options, group: earlier);
        TaskCompletionSource stolen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        owner.Store.Before = what => what == ObservedStore.Committed ? stolen.Task : Task.CompletedTask;
        await owner.StartAsync();
        await thief.StartAsync();
        await own.AssignAsync(partition);
        await owner.Log.Milestones.WhenAsync(ObservedLog.Rest(0));
        await earlier.AssignAsync(partition);
        await thief.Log.Milestones.WhenAsync(ObservedLog.Rest(0));
        await platform.AppendAsync(stream, records);
        await thief.CommittedAsync([records.Count]);
        thief.Die();
        stolen.SetResult();
        await owner.Messages.Milestones.WhenAsync(LoggedEvents.Fenced);
        OffsetRange all = new(0, records.Count);
        Assert.DoesNotContain(new EpochInfo(0, 1, all, EpochState.Sealed), await platform.Store.ReadEpochsAsync(stream.Name, Waiting.Token));
        await platform.Store.RequestSealAsync(stream.Name, Waiting.Token);
        await owner.Messages.Milestones.WhenAsync(LoggedEvents.TakingBack);
        await owner.Store.Milestones.WhenAsync(ObservedStore.Claimed, times: 2);
        await owner.StopAsync();
        Assert.Contains(new EpochInfo(0, 1, all, EpochState.Sealed), await platform.Store.ReadEpochsAsync(stream.Name, Waiting.Token));
        Assert.Equal(SealRequest.None, await platform.Store.ReadSealRequestAsync(stream.Name, 0, Waiting.Token));
        await platform.AssertIsWholeAsync(stream, records);
    }

    [Fact]
    public async Task Two_processes_that_both_have_a_partition_do_not_take_turns_with_it()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(7), 600);
        FakeTimeProvider time = new(RandomRecords.AppendedAt);
        SpeedOptions options = SpeedOptions.Default with { CommitInterval = TimeSpan.FromSeconds(1), TakeBackDelay = TimeSpan.FromSeconds(30) };
        ScriptedGroup first = new();
        ScriptedGroup second = new();
        await using LayerRig older = new(platform, stream, options, time, group: first);
        await using LayerRig newer = new(platform, stream, options, group: second);
        await older.StartAsync();
        await newer.StartAsync();
        await first.AssignAsync(new StreamPartition(stream.Name, 0));
        await older.Log.Milestones.WhenAsync(ObservedLog.Rest(0));
        await second.AssignAsync(new StreamPartition(stream.Name, 0));
        await newer.Log.Milestones.WhenAsync(ObservedLog.Rest(0));
        int appended = 0;
        foreach (LogRecord[] some in records.Chunk(100))
        {
            await platform.AppendAsync(stream, some);
            appended += some.Length;
            await newer.CommittedAsync([appended]);
            time.Advance(options.TakeBackDelay);
        }

        await older.Messages.Milestones.WhenAsync(LoggedEvents.Fenced);
        time.Advance(options.TakeBackDelay);
        time.Advance(options.TakeBackDelay);
        await newer.StopAsync();
        Assert.Equal(1, older.Store.Milestones.Count(ObservedStore.Claimed));
        Assert.Equal(1, newer.Store.Milestones.Count(ObservedStore.Claimed));
        Assert.Equal(0, older.Messages.Milestones.Count(LoggedEvents.TakingBack));
        await platform.AssertIsWholeAsync(stream, records);
    }

    private async Task<IEnumerable<long>> OffsetsAsync(StreamDefinition stream) =>
        (await platform.Store.ReadStreamAsync(stream.Name, Waiting.Token))!.Partitions.Select(partition => partition.NextOffset);
}

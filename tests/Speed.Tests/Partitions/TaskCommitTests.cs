using Lambda.Events;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Xunit;

namespace Lambda.Speed.Tests.Partitions;

public class TaskCommitTests(Platform platform)
{
    [Fact]
    public async Task Results_wait_for_the_commit_interval_and_no_longer()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        await rig.AppendAsync(5);
        rig.Start();
        await rig.RestAsync();
        rig.Time.Advance(rig.Options.CommitInterval - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, rig.Store.Milestones.Count(ObservedStore.Begun));
        rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        await rig.CommittedAsync(5);
        SpeedCommit commit = Assert.Single(rig.Store.Commits);
        Assert.Equal((5, EpochEnd.KeepOpen), (commit.NextOffset, commit.EpochEnd));
        await rig.AssertIsWholeAsync();
    }

    [Fact]
    public async Task The_interval_runs_from_the_first_record_that_is_not_committed()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        await rig.AppendAsync(5);
        rig.Start();
        await rig.RestAsync();
        rig.Time.Advance(rig.Options.CommitInterval / 2);
        await rig.AppendAsync(3);
        await rig.RestAsync();
        Assert.Empty(rig.Store.Commits);
        rig.Time.Advance(rig.Options.CommitInterval / 2);
        await rig.CommittedAsync(8);
        Assert.Single(rig.Store.Commits);
    }

    [Fact]
    public async Task A_full_commit_waits_for_nothing()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 5 });
        await rig.AppendAsync(5);
        rig.Start();
        await rig.CommittedAsync(5);
        await rig.AppendAsync(4);
        await rig.RestAsync();
        Assert.Single(rig.Store.Commits);
        await rig.AppendAsync(1);
        await rig.CommittedAsync(10);
        Assert.Equal(2, rig.Store.Commits.Count);
        await rig.AssertIsWholeAsync();
    }

    [Fact]
    public async Task Large_records_that_are_refused_wait_for_no_interval()
    {
        const int Size = 1 << 19;
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        await rig.AppendAsync(Enumerable.Range(0, 40).Select(n => LogRecord.Bad(RejectReason.Malformed, new string((char)('a' + (n % 26)), Size))));
        rig.Start();

        await rig.CommittedAsync(32);

        Assert.All(rig.Store.Commits, commit => Assert.InRange(commit.Quarantine.Sum(record => record.Value.Length), 8 << 20, 10 << 20));
        await rig.RestAsync();
        rig.Time.Advance(rig.Options.CommitInterval);
        await rig.CommittedAsync(40);
    }

    [Fact]
    public async Task While_a_commit_is_written_the_next_records_are_computed_but_not_committed()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 20 });
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Store.Before = _ => gate.Task;
        await rig.AppendAsync(20);
        gate.SetResult();
        rig.Start();
        await rig.Store.Milestones.WhenAsync(ObservedStore.Committed);
        TaskCompletionSource second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Store.Before = _ => second.Task;
        await rig.AppendAsync(20);
        await rig.Store.Milestones.WhenAsync(ObservedStore.Begun, 2);
        await rig.AppendAsync(10);
        await rig.RestAsync();
        rig.Time.Advance(rig.Options.CommitInterval);
        await rig.AppendAsync(20);
        Assert.Equal(2, rig.Store.Milestones.Count(ObservedStore.Begun));
        Assert.Equal(20, rig.Committed.Find(rig.Stream.Name, 0));
        second.SetResult();
        await rig.CommittedAsync(50);
        Assert.Equal(1, rig.Store.MostUnderWay);
        await rig.StopAsync();
        await rig.AssertIsWholeAsync();
    }

    [Fact]
    public async Task A_graceful_stop_commits_everything_that_was_computed()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        await rig.AppendAsync(50);
        rig.Start();
        await rig.RestAsync();
        Assert.Empty(rig.Store.Commits);
        await rig.StopAsync();
        Assert.Single(rig.Store.Commits);
        Assert.Equal(50, rig.Committed.Find(rig.Stream.Name, 0));
        await rig.AssertIsWholeAsync();
    }

    [Fact]
    public async Task A_graceful_stop_waits_for_the_commit_under_way_and_commits_what_came_after_it()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 20 });
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Store.Before = what => what == ObservedStore.Committed ? gate.Task : Task.CompletedTask;
        await rig.AppendAsync(20);
        rig.Start();
        await rig.Store.Milestones.WhenAsync(ObservedStore.Begun);
        await rig.AppendAsync(7);
        await rig.RestAsync();
        rig.BeginStop();
        Assert.False(rig.Running.IsCompleted);
        gate.SetResult();
        await rig.StopAsync();
        Assert.Equal([20L, 27L], rig.Store.Commits.Select(commit => commit.NextOffset));
        Assert.Equal(1, rig.Store.MostUnderWay);
        await rig.AssertIsWholeAsync();
    }

    [Fact]
    public async Task A_task_without_records_commits_nothing()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        rig.Start();
        await rig.RestAsync();
        await rig.PassAsync(rig.Options.SealPollInterval);
        await rig.StopAsync();
        Assert.Equal(0, rig.Store.Milestones.Count(ObservedStore.Begun));
        Assert.Equal(0, rig.Committed.Find(rig.Stream.Name, 0));
    }
}

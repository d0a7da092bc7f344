using Lambda.Log;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Xunit;

namespace Lambda.Speed.Tests.Partitions;

public class TaskRecoveryTests(Platform platform)
{
    private static readonly SpeedOptions SmallCommits = SpeedOptions.Default with { MaxEventsPerCommit = 10 };

    [Fact]
    public async Task After_a_crash_a_task_goes_on_where_the_store_stands_in_the_next_epoch()
    {
        await using TaskRig first = await TaskRig.CreateAsync(platform, SmallCommits);
        await first.AppendAsync(10);
        first.Start();
        await first.CommittedAsync(10);
        first.Store.Before = _ => throw new CrashException();
        await first.AppendAsync(15);
        await first.Store.Milestones.WhenAsync(ObservedStore.Begun, 2);
        await first.AppendAsync(15);
        await Assert.ThrowsAsync<CrashException>(() => first.Running.InTime());

        await using TaskRig second = first.Rival();
        second.Start();
        await second.RestAsync();
        await second.StopAsync();
        await second.AssertIsWholeAsync();
        Assert.Equal(
            [new EpochInfo(0, 1, new OffsetRange(0, 10), EpochState.Sealed), new EpochInfo(0, 2, new OffsetRange(10, 40), EpochState.Open)],
            await second.EpochsAsync());
    }

    [Fact]
    public async Task A_commit_that_took_effect_but_was_reported_as_failed_is_not_made_twice()
    {
        await using TaskRig first = await TaskRig.CreateAsync(platform, SmallCommits);
        first.Store.After = what => _ = what == ObservedStore.Committed ? throw new CrashException() : what;
        await first.AppendAsync(10);
        first.Start();
        await first.Store.Milestones.WhenAsync(ObservedStore.Begun);
        await first.AppendAsync(10);
        await Assert.ThrowsAsync<CrashException>(() => first.Running.InTime());
        Assert.Equal(0, first.Committed.Find(first.Stream.Name, 0));

        await using TaskRig second = first.Rival();
        second.Start();
        await second.RestAsync();
        Assert.Equal(10, second.Committed.Find(second.Stream.Name, 0));
        await second.StopAsync();
        await second.AssertIsWholeAsync();
    }

    // The next commit was taken all the same, and what the lost one alone had touched was missing from then on.
    [Fact]
    public async Task A_commit_that_the_store_has_acknowledged_and_lost_is_computed_again()
    {
        await using TaskRig first = await TaskRig.CreateAsync(platform, SmallCommits);
        await first.AppendAsync(10);
        first.Start();
        await first.CommittedAsync(10);
        first.Store.Loses = commit => commit.NextOffset == 20;
        await first.AppendAsync(10);
        await first.CommittedAsync(20);
        await first.AppendAsync(10);
        await first.RestAsync();
        first.Time.Advance(first.Options.SealPollInterval);
        await Assert.ThrowsAsync<ViewStoreException>(() => first.Running.InTime());

        await using TaskRig second = first.Rival();
        second.Start();
        await second.CommittedAsync(30);
        await second.AssertIsWholeAsync();
    }

    [Fact]
    public async Task A_second_claim_makes_the_first_task_stop_at_its_next_commit()
    {
        await using TaskRig first = await TaskRig.CreateAsync(platform, SmallCommits);
        await first.AppendAsync(10);
        first.Start();
        await first.CommittedAsync(10);
        await using TaskRig second = first.Rival();
        second.Start();
        await second.RestAsync();
        await second.AppendAsync(25);
        first.Records.AddRange(second.Records.Skip(10));
        await second.CommittedAsync(35);
        await first.RestAsync();
        first.Time.Advance(first.Options.SealPollInterval);
        await Assert.ThrowsAsync<FencedException>(() => first.Running.InTime());
        await second.AssertIsWholeAsync();
    }

    [Fact]
    public async Task A_commit_that_arrives_after_another_owner_has_gone_on_changes_nothing()
    {
        await using TaskRig first = await TaskRig.CreateAsync(platform, SmallCommits);
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        first.Store.Before = what => what == ObservedStore.Committed ? gate.Task : Task.CompletedTask;
        await first.AppendAsync(40);
        first.Start();
        await first.Store.Milestones.WhenAsync(ObservedStore.Begun);
        await using TaskRig second = first.Rival();
        second.Start();
        await second.CommittedAsync(40);
        await second.AssertIsWholeAsync();
        await first.RestAsync();
        first.Time.Advance(first.Options.SealPollInterval);
        gate.SetResult();
        await Assert.ThrowsAsync<FencedException>(() => first.Running.InTime());
        Assert.Empty(first.Store.Commits);
        await second.AssertIsWholeAsync();
    }

    [Fact]
    public async Task A_zombie_cannot_commit_at_its_graceful_stop()
    {
        await using TaskRig first = await TaskRig.CreateAsync(platform);
        await first.AppendAsync(40);
        first.Start();
        await first.RestAsync();
        await using TaskRig second = first.Rival(SmallCommits);
        second.Start();
        await second.CommittedAsync(40);
        first.BeginStop();
        await Assert.ThrowsAsync<FencedException>(() => first.Running.InTime());
        await second.AssertIsWholeAsync();
    }

    [Fact]
    public async Task Records_that_retention_removed_before_they_were_computed_stop_the_task()
    {
        await using TaskRig first = await TaskRig.CreateAsync(platform, SmallCommits);
        await first.AppendAsync(10);
        first.Start();
        await first.CommittedAsync(10);
        await first.StopAsync();
        await first.AppendAsync(20);
        await platform.Log.TrimAsync(first.Stream.Name, 0, 15, Waiting.Token);
        await using TaskRig second = first.Rival();
        second.Start();
        OffsetTrimmedException error = await Assert.ThrowsAsync<OffsetTrimmedException>(() => second.Running.InTime());
        Assert.Equal(new OffsetRange(10, 15), error.Missing);
        Assert.Empty(second.Store.Commits);
    }

    // A log that is damaged at one place gives the records before it and fails there, however often it is read. What had been computed was
    // thrown away with the failure, so that a task that met the place within one commit interval never got that far.
    [Fact]
    public async Task What_was_computed_before_the_log_failed_is_committed()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        rig.Log.BeforeRead = (_, offset) =>
        {
            if (offset == 20)
            {
                throw new EventLogException("damaged at 20");
            }
        };
        await rig.AppendAsync(20);
        rig.Start();
        await Assert.ThrowsAsync<EventLogException>(() => rig.Running.InTime());
        Assert.Equal(20, rig.Committed.Find(rig.Stream.Name, 0));
        await rig.AssertIsWholeAsync();
    }

    // The commit under way was left alone when the task failed for another reason: its error was observed by nobody, and its report could come
    // after those of the task that followed and set the committed offset back.
    [Fact]
    public async Task A_task_that_fails_leaves_no_commit_under_way()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SmallCommits);
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Store.Before = what => what == ObservedStore.Committed ? gate.Task : Task.CompletedTask;
        TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Log.BeforeRead = (_, offset) =>
        {
            if (offset == 10)
            {
                failed.SetResult();
                throw new IOException("the disk is gone");
            }
        };
        await rig.AppendAsync(10);
        rig.Start();
        await failed.Task.InTime();

        // Another owner's work takes longer than a task that does not wait would need to end.
        await using TaskRig other = rig.Rival();
        other.Start();
        await other.CommittedAsync(10);
        Assert.False(rig.Running.IsCompleted);
        gate.SetResult();
        await Assert.ThrowsAsync<IOException>(() => rig.Running.InTime());
        await other.AssertIsWholeAsync();
    }

    private sealed class CrashException : Exception;
}

using Lambda.Log;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Xunit;

namespace Lambda.Speed.Tests.Partitions;

public class TaskEpochTests(Platform platform)
{
    [Fact]
    public async Task A_request_to_seal_is_met_with_the_commit_after_the_one_that_heard_of_it()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 5 });
        await rig.AppendAsync(5);
        rig.Start();
        await rig.CommittedAsync(5);
        await rig.RequestSealAsync();
        await rig.AppendAsync(5);
        await rig.CommittedAsync(10);
        await rig.AppendAsync(5);
        await rig.CommittedAsync(15);
        Assert.Equal([EpochEnd.KeepOpen, EpochEnd.KeepOpen, EpochEnd.Seal], rig.Store.Commits.Select(commit => commit.EpochEnd));
        await rig.AppendAsync(5);
        await rig.CommittedAsync(20);
        Assert.Equal(
            [new EpochInfo(0, 1, new OffsetRange(0, 15), EpochState.Sealed), new EpochInfo(0, 2, new OffsetRange(15, 20), EpochState.Open)],
            await rig.EpochsAsync());
        await rig.AssertIsWholeAsync();
    }

    [Fact]
    public async Task An_idle_partition_meets_a_request_to_seal_when_it_looks_for_one()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 5 });
        await rig.AppendAsync(5);
        rig.Start();
        await rig.CommittedAsync(5);
        await rig.RestAsync();
        await rig.PassAsync(rig.Options.SealPollInterval);
        Assert.Single(rig.Store.Commits);
        await rig.RequestSealAsync();
        await rig.PassAsync(rig.Options.SealPollInterval);
        Assert.Equal(EpochEnd.Seal, rig.Store.Commits[^1].EpochEnd);
        await rig.PassAsync(rig.Options.SealPollInterval);
        Assert.Equal(2, rig.Store.Commits.Count);
        await rig.AppendAsync(5);
        await rig.CommittedAsync(10);
        Assert.Equal(
            [new EpochInfo(0, 1, new OffsetRange(0, 5), EpochState.Sealed), new EpochInfo(0, 2, new OffsetRange(5, 10), EpochState.Open)],
            await rig.EpochsAsync());
        await rig.AssertIsWholeAsync();
    }

    [Fact]
    public async Task A_request_to_seal_an_empty_epoch_is_met_and_leaves_no_epoch_behind()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 5 });
        rig.Start();
        await rig.RestAsync();
        await rig.RequestSealAsync();
        await rig.PassAsync(rig.Options.SealPollInterval);
        Assert.Equal(SealRequest.None, await platform.Store.ReadSealRequestAsync(rig.Stream.Name, 0, Waiting.Token));
        await rig.AppendAsync(5);
        await rig.CommittedAsync(5);
        Assert.Equal([new EpochInfo(0, 2, new OffsetRange(0, 5), EpochState.Open)], await rig.EpochsAsync());
        await rig.AssertIsWholeAsync();
    }

    [Fact]
    public async Task Records_that_come_before_a_request_is_seen_are_committed_before_the_epoch_ends()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        rig.Start();
        await rig.RestAsync();
        await rig.RequestSealAsync();
        await rig.AppendAsync(5);
        await rig.RestAsync();
        rig.Time.Advance(rig.Options.CommitInterval);
        await rig.CommittedAsync(5);
        await rig.RestAsync(2);
        await rig.PassAsync(rig.Options.SealPollInterval);
        Assert.Contains(new EpochInfo(0, 1, new OffsetRange(0, 5), EpochState.Sealed), await rig.EpochsAsync());
        await rig.AssertIsWholeAsync();
    }

    [Fact]
    public async Task An_epoch_whose_accumulators_pass_the_budget_is_sealed_and_the_next_begins_small()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEpochBytes = 1 << 20, MaxEventsPerCommit = 5 });
        await rig.AppendAsync(Enumerable.Range(0, 6000).Select(i => LogRecord.Of(
            new Reading($"r{i}", RandomRecords.Start, $"sensor {i}", 1, i, 0, 0, null))));
        rig.Start();
        await rig.CommittedAsync(6000);
        await rig.AppendAsync(5);
        await rig.CommittedAsync(6005);
        Assert.Equal([EpochEnd.Seal, EpochEnd.KeepOpen], rig.Store.Commits.Select(commit => commit.EpochEnd));
        await rig.AssertIsWholeAsync();
    }

    [Fact]
    public async Task An_epoch_ends_after_its_interval_also_when_the_partition_is_idle_unless_it_is_empty()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 5 });
        await rig.AppendAsync(5);
        rig.Start();
        await rig.CommittedAsync(5);
        await rig.RestAsync();
        await rig.PassAsync(rig.Options.EpochInterval - TimeSpan.FromMinutes(1));
        await rig.PassAsync(rig.Options.SealPollInterval);
        Assert.Single(rig.Store.Commits);

        // The task may look before the whole minute has passed, but not before the second step.
        await rig.PassAsync(TimeSpan.FromMinutes(1));
        await rig.PassAsync(rig.Options.SealPollInterval);
        Assert.Equal([EpochEnd.KeepOpen, EpochEnd.Seal], rig.Store.Commits.Select(commit => commit.EpochEnd));
        await rig.PassAsync(rig.Options.EpochInterval);
        await rig.PassAsync(rig.Options.SealPollInterval);
        Assert.Equal(2, rig.Store.Commits.Count);
        await rig.AssertIsWholeAsync();
    }

    [Fact]
    public async Task An_epoch_ends_after_its_interval_while_records_keep_coming()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 5 });
        await rig.AppendAsync(5);
        rig.Start();
        await rig.CommittedAsync(5);
        await rig.RestAsync();
        await rig.AppendAsync(4);
        await rig.RestAsync();
        rig.Time.Advance(rig.Options.EpochInterval);
        await rig.CommittedAsync(9);
        await rig.AppendAsync(5);
        await rig.CommittedAsync(14);

        // The commit at 9 may have been due before the whole interval had passed.
        Assert.Contains(rig.Store.Commits.Skip(1), commit => commit.EpochEnd == EpochEnd.Seal);
        await rig.AssertIsWholeAsync();
    }

    [Fact]
    public async Task An_epoch_ends_exactly_where_results_of_the_batch_layer_end()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        await rig.PublishAsync(boundary: 13);
        await rig.AppendAsync(40);
        rig.Start();
        await rig.RestAsync();
        await rig.StopAsync();
        Assert.Equal([(13L, EpochEnd.Seal), (40L, EpochEnd.KeepOpen)], rig.Store.Commits.Select(commit => (commit.NextOffset, commit.EpochEnd)));
        await rig.AssertIsWholeAsync();
    }

    // The last commit of a stop kept every epoch open. One that ended where results of the batch layer end was refused by the store for that, so
    // that the stop failed and what had been computed was lost to the next start.
    [Fact]
    public async Task A_stop_that_comes_where_an_epoch_has_to_end_seals_it()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 5 });
        await rig.PublishAsync(boundary: 13);
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Store.Before = what => what == ObservedStore.Committed ? gate.Task : Task.CompletedTask;
        await rig.AppendAsync(5);
        rig.Start();
        await rig.Store.Milestones.WhenAsync(ObservedStore.Begun);
        await rig.RestAsync();

        // Computed up to the boundary, the task waits for the commit before it.
        TaskCompletionSource read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Log.AfterRead = (_, _) => read.TrySetResult();
        await rig.AppendAsync(20);
        await read.Task.InTime();
        rig.BeginStop();
        gate.SetResult();
        await rig.StopAsync();
        await using TaskRig next = rig.Rival();
        next.Start();
        await next.RestAsync();
        await next.StopAsync();
        await next.AssertIsWholeAsync();
        Assert.Contains(new EpochInfo(0, 1, new OffsetRange(0, 13), EpochState.Sealed), await next.EpochsAsync());
    }
}

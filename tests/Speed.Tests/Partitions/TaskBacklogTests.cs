using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Xunit;

namespace Lambda.Speed.Tests.Partitions;

/// <summary>When a partition has the store do what its commits have put off.</summary>
public class TaskBacklogTests(Platform platform)
{
    /// <summary>For so long nothing is done after what was put off last.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task What_was_put_off_is_done_piece_by_piece_while_there_is_nothing_to_read_and_then_not_asked_for_again()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        List<string> asked = [];
        rig.Store.Pieces = view =>
        {
            asked.Add(view);
            return asked.Count(other => other == view) < 4;
        };
        await rig.AppendAsync(5);
        rig.Start();
        await rig.RestAsync();
        await rig.PassAsync(rig.Options.CommitInterval);
        await rig.PassAsync(Delay - TimeSpan.FromSeconds(1));
        Assert.Empty(asked);
        await rig.PassAsync(TimeSpan.FromSeconds(1));

        // Three pieces of each view were left by whoever had the partition before.
        Assert.Equal(rig.Stream.Views.SelectMany(view => Enumerable.Repeat(view.Name, 4)), asked);
        await rig.PassAsync(rig.Options.SealPollInterval);
        Assert.Equal(4 * rig.Stream.Views.Count, asked.Count);

        rig.Store.Pieces = view =>
        {
            asked.Add(view);
            return false;
        };
        await rig.RequestSealAsync();
        await rig.AppendAsync(5);
        await rig.RestAsync();
        rig.Time.Advance(rig.Options.CommitInterval);
        await rig.CommittedAsync(10);
        await rig.AppendAsync(5);
        await rig.RestAsync();
        rig.Time.Advance(rig.Options.CommitInterval);
        await rig.CommittedAsync(15);
        await rig.PassAsync(rig.Options.SealPollInterval);
        Assert.Equal(4 * rig.Stream.Views.Count, asked.Count);
        await rig.PassAsync(Delay);
        Assert.Contains(rig.Store.Commits, commit => commit.EpochEnd == EpochEnd.Seal);
        Assert.Equal(5 * rig.Stream.Views.Count, asked.Count);
        await rig.AssertIsWholeAsync();
    }

    /// <summary>A backlog leaves pieces for minutes, and a run of the batch layer waits ten seconds for an epoch to end.</summary>
    [Fact]
    public async Task A_request_to_seal_is_met_between_two_pieces()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        await rig.AppendAsync(5);
        rig.Start();
        await rig.RestAsync();
        await rig.PassAsync(rig.Options.CommitInterval);
        await rig.CommittedAsync(5);
        int pieces = 0;
        rig.Store.Pieces = _ =>
        {
            if (++pieces == 5)
            {
                rig.RequestSealAsync().InTime().GetAwaiter().GetResult();
            }

            rig.Time.Advance(rig.Options.SealPollInterval);
            return pieces < 50 && rig.Store.Commits[^1].EpochEnd != EpochEnd.Seal;
        };
        rig.Time.Advance(Delay);

        await rig.Store.Milestones.WhenAsync(ObservedStore.Committed, 2);
        Assert.Equal(EpochEnd.Seal, rig.Store.Commits[^1].EpochEnd);
        Assert.InRange(pieces, 5, 15);
    }

    [Fact]
    public async Task Records_that_come_are_computed_before_the_next_piece()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform, SpeedOptions.Default with { MaxEventsPerCommit = 5 });
        long readFrom = 0;
        rig.Log.BeforeRead = (_, offset) => readFrom = offset;
        TaskCompletionSource appended = new();
        int pieces = 0;
        rig.Store.Pieces = _ =>
        {
            if (++pieces == 3)
            {
                appended.Task.InTime().GetAwaiter().GetResult();
            }

            return pieces < 100 && readFrom < 5;
        };
        rig.Start();
        await rig.RestAsync();
        rig.Time.Advance(Delay);
        await rig.AppendAsync(5);
        appended.SetResult();

        await rig.CommittedAsync(5);
        Assert.InRange(pieces, 3, 4 + rig.Stream.Views.Count);
        await rig.AssertIsWholeAsync();
    }
}

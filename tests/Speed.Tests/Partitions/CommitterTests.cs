using Lambda.Log;
using Lambda.Processing;
using Lambda.Speed.Partitions;
using Lambda.Speed.Telemetry;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Views.Plans;
using Xunit;

namespace Lambda.Speed.Tests.Partitions;

public class CommitterTests(Platform platform)
{
    [Fact]
    public async Task A_commit_that_is_being_written_keeps_what_it_has_until_it_is()
    {
        await using TaskRig rig = await TaskRig.CreateAsync(platform);
        PartitionClaim claim = await rig.Store.ClaimAsync(rig.Stream.Name, 0, Waiting.Token);
        PartitionPipeline pipeline = new(new StreamPlan(rig.Stream), 0, claim);
        PartitionProgress progress = new(rig.Stream.Name, 0, rig.Time);
        progress.OnClaimed(rig.Stream, claim);
        using CycleTrace trace = new(rig.Stream.Name, 0, rig.Time);
        Committer committer = new(rig.Store, rig.Time, rig.Committed, rig.Metrics, progress, trace, CancellationToken.None);
        TaskCompletionSource written = new();
        rig.Store.Before = step => step == ObservedStore.Committed ? written.Task : Task.CompletedTask;

        await ProcessAsync();
        await committer.StartAsync(pipeline, EpochRule.KeepOpen);
        await ProcessAsync();
        Task next = committer.StartAsync(pipeline, EpochRule.KeepOpen);
        Assert.False(next.IsCompleted);
        written.SetResult();
        await next.InTime();
        await committer.DrainAsync().InTime();

        Assert.Equal(2, rig.Store.Commits.Count);
        await rig.AssertIsWholeAsync();

        async Task ProcessAsync()
        {
            await rig.AppendAsync(200);
            using RecordBatch records = new();
            await rig.Log.ReadAsync(rig.Stream.Name, 0, pipeline.NextOffset, records, Waiting.Token);
            pipeline.Process(records);
            Assert.Equal(rig.Records.Count, pipeline.NextOffset);
        }
    }
}

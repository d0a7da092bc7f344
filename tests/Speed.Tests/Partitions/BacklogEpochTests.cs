using System.Text;
using Lambda.Definition;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views.Plans;
using Lambda.Windows;
using Xunit;

namespace Lambda.Speed.Tests.Partitions;

/// <summary>Which epochs end with a commit of a backlog: those of many partials that will hardly be touched again.</summary>
public class BacklogEpochTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// So many minutes of events, and in each so many keys. The last minute, and the 30 s of disorder before, are still open.
    /// </summary>
    [Theory]
    [InlineData(100, 50, EpochRule.SealIfPassed, EpochEnd.Seal)]
    [InlineData(100, 50, EpochRule.KeepOpen, EpochEnd.KeepOpen)]
    [InlineData(20, 50, EpochRule.SealIfPassed, EpochEnd.KeepOpen)]
    [InlineData(20, 50, EpochRule.Seal, EpochEnd.Seal)]
    [InlineData(7, 1000, EpochRule.SealIfPassed, EpochEnd.KeepOpen)]
    [InlineData(9, 1000, EpochRule.SealIfPassed, EpochEnd.Seal)]
    internal void An_epoch_ends_when_a_commit_has_many_partials_and_most_of_their_windows_have_passed(int minutes, int keys, EpochRule rule, EpochEnd expected)
    {
        PartitionPipeline pipeline = Pipeline(Tumbling.Every(TimeSpan.FromMinutes(1)));
        Process(pipeline, minutes, keys);
        Assert.Equal(expected, pipeline.TakeCommit(rule).EpochEnd);
    }

    [Fact]
    public void Windows_that_never_pass_stay_in_their_epoch()
    {
        PartitionPipeline pipeline = Pipeline(AllTime.Window);
        Process(pipeline, minutes: 1, keys: 5000);
        Assert.Equal(EpochEnd.KeepOpen, pipeline.TakeCommit(EpochRule.SealIfPassed).EpochEnd);
    }

    private static PartitionPipeline Pipeline(WindowSpec window)
    {
        StreamBuilder<Tick> stream = new StreamBuilder<Tick>("ticks")
            .EventTime(e => e.At).EventId(e => e.Id).OutOfOrderness(TimeSpan.FromSeconds(30)).Partitions(1);
        stream.View("by_key").GroupBy(e => e.Key).Window(window).Aggregate(a => new { Events = a.Count() });
        return new PartitionPipeline(new StreamPlan(Catalog.Build([stream]).Streams[0]), 0, new PartitionClaim(1, 1, 0, null));
    }

    private static void Process(PartitionPipeline pipeline, int minutes, int keys)
    {
        using RecordBatch batch = new(minutes * keys);
        for (int event_ = 0; event_ < minutes * keys; event_++)
        {
            DateTimeOffset at = Start.AddMinutes(event_ / keys);
            batch.Add(event_, Time.UtcMicroseconds.From(Start.AddDays(9)), [], Encoding.UTF8.GetBytes($$"""{"id":"{{event_}}","at":"{{at:O}}","key":{{event_ % keys}}}"""));
        }

        pipeline.Process(batch);
    }

    private sealed record Tick(string Id, DateTimeOffset At, int Key);
}

using Lambda.Log;
using Lambda.Processing;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Xunit;

namespace Lambda.Speed.Tests.Partitions;

/// <summary>The partials of a partition's commits lie in the same buffers, one commit after the other.</summary>
public class CommitBuffersTests
{
    private readonly PartitionPipeline _pipeline = new(new StreamPlan(SlidingLate.Stream("buffers")), 0, new PartitionClaim(1, 1, 0, null));

    [Fact]
    public void A_commit_is_in_the_buffers_of_the_one_before_and_has_nothing_of_it()
    {
        PartialBatch first = CommitOf("12:01", "12:31");
        long[] starts = first.Starts.Values.ToArray();
        Assert.Equal(2, first.EventCounts.Values.ToArray().Sum());

        PartialBatch second = CommitOf("12:46");

        Assert.Same(first, second);
        Assert.Equal(1, second.EventCounts.Values.ToArray().Sum());
        Assert.DoesNotContain(second.Starts.Values[0], starts);
        Assert.Equal(0, second.FirstNew);
    }

    [Fact]
    public void What_was_committed_can_be_let_go_of()
    {
        PartialBatch committed = CommitOf("12:01");
        _pipeline.ForgetCommitted();
        Assert.Equal(0, committed.Count);
        Assert.Equal(1, CommitOf("12:46").Count);
    }

    private PartialBatch CommitOf(params string[] times)
    {
        using RecordBatch batch = new();
        long offset = _pipeline.NextOffset;
        foreach (string time in times)
        {
            batch.Add(offset++, SlidingLate.AppendedAt, [], SlidingLate.Json(time));
        }

        _pipeline.Process(batch);
        return Assert.Single(_pipeline.TakeCommit(EpochRule.KeepOpen).Partials);
    }
}

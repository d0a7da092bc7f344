using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views.Plans;
using Xunit;

namespace Lambda.Speed.Tests.Partitions;

public class PoisonTests
{
    private static readonly StreamPlan Plan = new(Readings.Stream());

    public static TheoryData<int> Kinds => [.. Enumerable.Range(0, Poison.All.Count)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_record_that_cannot_be_an_event_goes_to_quarantine_once_and_does_nothing_else(int kind)
    {
        LogRecord poison = Poison.All[kind];
        SpeedCommit commit = Run(poison);
        QuarantinedRecord refused = Assert.Single(commit.Quarantine);
        Assert.Equal((0, 0L, AppendedAt, poison.Refusal), (refused.Partition, refused.Offset, refused.AppendedAt, (RejectReason?)refused.Reason));
        Assert.Equal(poison.Value, refused.Value.ToArray());
        Assert.NotEmpty(refused.Detail);
        Assert.Null(commit.MaxEventTime);
        Assert.Empty(commit.Partials);
        Assert.Equal((new EventTally(0, 1), 1), (commit.Tally, commit.NextOffset));
    }

    [Fact]
    public void An_event_whose_expressions_throw_in_two_views_is_refused_once_counts_nowhere_and_moves_time()
    {
        Reading good = new("r", RandomRecords.Start, "a", 7, 1, 0.5, 1, 2);
        SpeedCommit commit = Run(
            LogRecord.Of(good),
            LogRecord.Of(good with { Time = good.Time.AddMinutes(3), Room = Fragile.FilterThrows, Units = Fragile.ValueThrows }),
            LogRecord.Of(good with { Time = good.Time.AddMinutes(4), Room = Fragile.KeyThrows }));
        Assert.Equal([1L, 2L], commit.Quarantine.Select(refused => refused.Offset));
        Assert.All(commit.Quarantine, refused => Assert.Equal(RejectReason.ExpressionFailed, refused.Reason));
        Assert.Equal(["bad units", "no such floor"], commit.Quarantine.Select(refused => refused.Detail.Split(": ")[^1]));
        Assert.Equal(UtcMicroseconds.From(good.Time.AddMinutes(4)), commit.MaxEventTime);
        Assert.Equal(new EventTally(1, 2), commit.Tally);
        Assert.All(commit.Partials, partials => Assert.Equal([1L], partials.EventCounts.Values.ToArray()));
    }

    [Fact]
    public void A_late_event_is_kept_in_a_partial_that_its_window_missed_if_windows_can_miss_any()
    {
        Reading first = new("r", RandomRecords.Start.AddHours(1), "a", 7, 1, 0.5, 1, 2);
        SpeedCommit commit = Run(LogRecord.Of(first), LogRecord.Of(first with { Time = RandomRecords.Start, Units = 5 }));
        Assert.All(
            commit.Partials,
            partials => Assert.Equal(partials.Layout.View == Readings.ByThree ? [0, 0] : [0, 1], partials.Missed.Values.ToArray()));
        Assert.Equal(new EventTally(2, 0), commit.Tally);
        Assert.Equal(UtcMicroseconds.From(first.Time), commit.MaxEventTime);
    }

    [Fact]
    public void The_last_instant_that_a_window_takes_is_the_one_before_its_end_and_lateness_have_passed()
    {
        // The window of the first minute ends at 60 s; it takes events until the watermark reaches 60 s + 20 s − 1 µs, which is when an event at
        // 60 s + 20 s + 30 s of out-of-orderness has come.
        Reading inside = new("r", RandomRecords.Start, "a", 3, 1, 0.5, 1, 2);
        Reading last = inside with { Time = RandomRecords.Start.AddSeconds(110) };
        int[] Missed(Reading mover) => [.. Run(LogRecord.Of(mover), LogRecord.Of(inside)).Partials[0].Missed.Values.ToArray()];
        Assert.Equal([0, 0], Missed(last with { Time = last.Time.AddMicroseconds(-1) }));
        Assert.Equal([0, 1], Missed(last));
    }

    private static long AppendedAt => UtcMicroseconds.From(RandomRecords.AppendedAt);

    private static SpeedCommit Run(params LogRecord[] records)
    {
        PartitionPipeline pipeline = new(Plan, 0, new PartitionClaim(1, 1, 0, null));
        foreach (RecordBatch batch in LogRecords.Batches(records, [], _ => AppendedAt))
        {
            using (batch)
            {
                pipeline.Process(batch);
            }
        }

        return pipeline.TakeCommit(EpochRule.KeepOpen);
    }
}

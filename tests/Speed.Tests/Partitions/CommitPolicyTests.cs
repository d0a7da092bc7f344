using Lambda.Log;
using Lambda.Processing;
using Lambda.Speed.Partitions;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Views.Plans;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Speed.Tests.Partitions;

public class CommitPolicyTests
{
    private static readonly StreamPlan Plan = new(Readings.Stream());
    private static readonly SpeedOptions Options = SpeedOptions.Default with { MaxEventsPerCommit = 3, MaxEpochBytes = 1 << 20 };
    private readonly FakeTimeProvider _time = new();
    private readonly PartitionPipeline _pipeline = new(Plan, 0, new PartitionClaim(1, 1, 0, null));
    private readonly CommitPolicy _policy;

    public CommitPolicyTests() => _policy = new CommitPolicy(Options, _time);

    [Fact]
    public void Without_records_nothing_is_ever_due()
    {
        _time.Advance(TimeSpan.FromDays(1));
        Assert.False(_policy.IsDue(_pipeline));
        Assert.Null(_policy.TimeUntilDue());
        Assert.Equal(EpochRule.KeepOpen, _policy.EndOfEpoch(_pipeline, SealRequest.None));
    }

    [Fact]
    public void A_commit_is_due_one_interval_after_the_first_record()
    {
        Process(1);
        _time.Advance(TimeSpan.FromMilliseconds(60));
        Process(1);
        Assert.Equal(TimeSpan.FromMilliseconds(40), _policy.TimeUntilDue());
        _time.Advance(TimeSpan.FromMilliseconds(39));
        Assert.False(_policy.IsDue(_pipeline));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(_policy.IsDue(_pipeline));
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(TimeSpan.Zero, _policy.TimeUntilDue());
        _pipeline.TakeCommit(EpochRule.KeepOpen);
        _policy.OnCommitTaken();
        Assert.Null(_policy.TimeUntilDue());
        Assert.False(_policy.IsDue(_pipeline));
    }

    /// <summary>How late the newest record is when it is processed, and after how long the commit is due, in milliseconds.</summary>
    [Theory]
    [InlineData(0, 100)]
    [InlineData(900, 100)]
    [InlineData(3_000, 300)]
    [InlineData(86_400_000, 1_000)]
    public void Far_behind_the_log_commits_are_fewer(int late, int due)
    {
        _time.SetUtcNow(RandomRecords.AppendedAt.AddMilliseconds(late - due + 1));
        Process(1);
        _time.Advance(TimeSpan.FromMilliseconds(due - 1));
        Assert.False(_policy.IsDue(_pipeline));
        _time.Advance(TimeSpan.FromMilliseconds(due / 100));
        Assert.True(_policy.IsDue(_pipeline));
    }

    [Fact]
    public void Epochs_may_end_with_their_commits_only_far_behind_the_log()
    {
        _time.SetUtcNow(RandomRecords.AppendedAt.AddSeconds(3));
        _policy.OnEpochStarted();
        Process(1);
        Assert.Equal(EpochRule.SealIfPassed, _policy.EndOfEpoch(_pipeline, SealRequest.None));
        Assert.Equal(EpochRule.Seal, _policy.EndOfEpoch(_pipeline, SealRequest.Pending));
        _policy.OnEndReached();
        Assert.Equal(EpochRule.KeepOpen, _policy.EndOfEpoch(_pipeline, SealRequest.None));
    }

    [Fact]
    public void A_partition_that_was_read_to_its_end_is_not_behind_however_old_its_records()
    {
        _time.SetUtcNow(RandomRecords.AppendedAt.AddDays(1));
        Process(1);
        _time.Advance(Options.CommitInterval);
        Assert.False(_policy.IsDue(_pipeline));
        _policy.OnEndReached();
        Assert.True(_policy.IsDue(_pipeline));
        Assert.Equal(TimeSpan.Zero, _policy.TimeUntilDue());
        _pipeline.TakeCommit(EpochRule.KeepOpen);
        _policy.OnCommitTaken();
        Process(1);
        _time.Advance(Options.CommitInterval);
        Assert.False(_policy.IsDue(_pipeline));
    }

    [Fact]
    public void A_commit_is_due_at_once_when_it_is_full()
    {
        Process(2);
        Assert.False(_policy.IsDue(_pipeline));
        Process(1);
        Assert.True(_policy.IsDue(_pipeline));
    }

    [Fact]
    public void A_request_ends_the_epoch_even_when_it_is_empty() =>
        Assert.Equal(EpochRule.Seal, _policy.EndOfEpoch(_pipeline, SealRequest.Pending));

    [Fact]
    public void An_epoch_ends_after_its_interval_counted_from_its_start()
    {
        Process(1);
        _time.Advance(Options.EpochInterval - TimeSpan.FromTicks(1));
        Assert.Equal(EpochRule.KeepOpen, _policy.EndOfEpoch(_pipeline, SealRequest.None));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(EpochRule.Seal, _policy.EndOfEpoch(_pipeline, SealRequest.None));
        _pipeline.TakeCommit(EpochRule.Seal);
        _pipeline.StartEpoch();
        _policy.OnEpochStarted();
        Process(1);
        Assert.Equal(EpochRule.KeepOpen, _policy.EndOfEpoch(_pipeline, SealRequest.None));
    }

    [Fact]
    public void An_epoch_ends_when_keys_fill_its_memory_also_keys_of_refused_records()
    {
        int sensors = 0;
        while (_policy.EndOfEpoch(_pipeline, SealRequest.None) == EpochRule.KeepOpen)
        {
            // Refused for its units, after the sensor has been read.
            Process(Poison.Json(sensor: $"\"sensor {sensors++} {new string('x', 1000)}\"", units: "1.5"));
            Assert.True(sensors < 5000, "Refused records fill memory without bound.");
        }

        Assert.InRange(sensors, 500, 2000);
    }

    private void Process(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Process(Poison.Json());
        }
    }

    private void Process(string json)
    {
        using RecordBatch batch = new();
        batch.Add(_pipeline.NextOffset, Time.UtcMicroseconds.From(RandomRecords.AppendedAt), [], System.Text.Encoding.UTF8.GetBytes(json));
        _pipeline.Process(batch);
        _policy.OnProcessed(batch);
    }
}

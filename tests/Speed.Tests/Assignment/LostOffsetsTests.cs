using Lambda.Log;
using Lambda.Speed.Telemetry;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Views;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Lambda.Speed.Tests.Assignment;

public class LostOffsetsTests(Platform platform)
{
    private static readonly SpeedOptions Quick = SpeedOptions.Default with { RestartDelay = TimeSpan.FromMilliseconds(10) };

    [Fact]
    public async Task A_partition_goes_on_behind_a_gap_once_somebody_has_accepted_it()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(1), 300);
        await platform.AppendAsync(stream, records);
        await platform.Log.TrimAsync(stream.Name, 0, 40, Waiting.Token);
        OffsetRange there = await platform.Log.GetOffsetsAsync(stream.Name, 0, Waiting.Token);
        await using LayerRig rig = new(platform, stream, Quick);
        await rig.StartAsync();
        await rig.Messages.Milestones.WhenAsync(LoggedEvents.OffsetsLost);

        // Half a gap is none: it stops again before the rest.
        await AcceptAsync(stream, 0, there.Start - 10);
        await rig.Messages.Milestones.WhenAsync(LoggedEvents.OffsetsLost, times: 2);
        await rig.CommittedAsync([there.Start - 10]);
        await AcceptAsync(stream, there.Start - 10, there.Start);
        await rig.CommittedAsync([records.Count]);
        await rig.StopAsync();
        Assert.Equal(2, rig.Messages.Milestones.Count(LoggedEvents.GoingOn));
        await AssertHoldsFromAsync(stream, records, (int)there.Start);
    }

    [Fact]
    public async Task A_gap_accepted_before_the_start_is_passed_at_once()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(2), 100);
        await platform.AppendAsync(stream, records);
        await platform.Log.TrimAsync(stream.Name, 0, 40, Waiting.Token);
        OffsetRange there = await platform.Log.GetOffsetsAsync(stream.Name, 0, Waiting.Token);
        await AcceptAsync(stream, 0, there.Start);
        await using LayerRig rig = new(platform, stream, Quick);
        await rig.StartAsync();
        await rig.CommittedAsync([records.Count]);
        await rig.StopAsync();
        Assert.Equal(0, rig.Messages.Milestones.Count(LoggedEvents.OffsetsLost));
        await AssertHoldsFromAsync(stream, records, (int)there.Start);
    }

    [Fact]
    public async Task A_log_that_ends_before_what_was_computed_stops_its_partition_for_good()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(3), 100);
        await platform.AppendAsync(stream, records);
        await using (LayerRig before = new(platform, stream, Quick))
        {
            await before.StartAsync();
            await before.CommittedAsync([records.Count]);
        }

        await using LayerRig rig = new(platform, stream, Quick);
        rig.Log.End = records.Count - 1;
        await rig.StartAsync();
        await rig.Messages.Milestones.WhenAsync(LoggedEvents.LogReverted);

        // Though it grows again: its new records have the offsets of old ones.
        rig.Log.End = null;
        await platform.AppendAsync(stream, records);
        await rig.StopAsync();
        Assert.Equal(0, rig.Messages.Milestones.Count(LoggedEvents.Restarting));
        Assert.Empty(rig.Store.Commits);
    }

    /// <summary>As by the election of a leader that lacks records. Whoever waits behind the end would take what comes before it for what is computed.</summary>
    [Fact]
    public async Task A_log_that_loses_what_was_computed_while_it_is_followed_stops_its_partition_too()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(6), 100);
        await platform.AppendAsync(stream, records);
        await using LayerRig rig = new(platform, stream, Quick);
        await rig.StartAsync();
        await rig.CommittedAsync([records.Count]);
        using LagSampler sampler = new(rig.Log, rig.Metrics, Quick, TimeProvider.System, NullLogger<LagSampler>.Instance);

        // Once is not enough, whatever comes in between.
        foreach (long? end in (long?[])[records.Count - 1, null, records.Count - 1])
        {
            rig.Log.End = end;
            await sampler.SampleAsync(Waiting.Token);
        }

        Assert.False(rig.Metrics.Board.Find(stream.Name, 0)!.TakeLogShorter());
        await sampler.SampleAsync(Waiting.Token);
        await rig.Messages.Milestones.WhenAsync(LoggedEvents.LogReverted);

        Assert.Equal(0, rig.Messages.Milestones.Count(LoggedEvents.Restarting));
    }

    /// <summary>Its offsets are those of the log before, and whoever reads on where that was left leaves out all records before.</summary>
    [Fact]
    public async Task A_log_that_was_made_anew_and_has_grown_as_far_stops_its_partition_for_good()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(5), 100);
        await platform.AppendAsync(stream, records);
        await using (LayerRig before = new(platform, stream, Quick))
        {
            await before.StartAsync();
            await before.CommittedAsync([records.Count]);
        }

        await platform.AppendAsync(stream, records);
        await using LayerRig rig = new(platform, stream, Quick);
        rig.Log.AppendedLaterBy = TimeSpan.FromSeconds(1);
        await rig.StartAsync();
        await rig.Messages.Milestones.WhenAsync(LoggedEvents.LogReverted);
        await rig.StopAsync();
        Assert.Equal(0, rig.Messages.Milestones.Count(LoggedEvents.Restarting));
        Assert.Empty(rig.Store.Commits);
    }

    [Fact]
    public async Task A_log_whose_end_is_behind_for_a_moment_only_is_read_on()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(4), 100);
        await platform.AppendAsync(stream, records);
        await using (LayerRig before = new(platform, stream, Quick))
        {
            await before.StartAsync();
            await before.CommittedAsync([records.Count]);
        }

        FakeTimeProvider time = new(RandomRecords.AppendedAt);
        await using LayerRig rig = new(platform, stream, Quick, time);
        rig.Log.End = records.Count - 1;
        rig.Log.AfterGetOffsets = () => rig.Log.End = null;
        await rig.StartAsync();
        while (!rig.Log.Milestones.Reached(ObservedLog.Rest(records.Count)))
        {
            time.Advance(Quick.RestartDelay);
            await Task.Yield();
        }

        await rig.StopAsync();
        Assert.Equal(0, rig.Messages.Milestones.Count(LoggedEvents.LogReverted));
    }

    /// <summary>Whoever looks whether it still is the same log looks at a record that is computed, which nobody needs.</summary>
    [Fact]
    public async Task A_log_that_is_trimmed_to_where_it_is_computed_while_its_partition_is_claimed_has_lost_nothing()
    {
        StreamDefinition stream = await platform.CreateStreamAsync();
        List<LogRecord> records = RandomRecords.Create(new Random(6), 100);
        await platform.AppendAsync(stream, records);
        await using (LayerRig before = new(platform, stream, Quick))
        {
            await before.StartAsync();
            await before.CommittedAsync([records.Count]);
        }

        await using LayerRig rig = new(platform, stream, Quick);
        int answers = 0;
        rig.Log.AfterGetOffsets = () =>
        {
            // The second one is that the record is there, which is read next.
            if (++answers == 2)
            {
                platform.Log.TrimAsync(stream.Name, 0, records.Count, Waiting.Token).AsTask().InTime().GetAwaiter().GetResult();
            }
        };
        await rig.StartAsync();

        await rig.Log.Milestones.WhenAsync(ObservedLog.Rest(records.Count));
        Assert.Equal(0, rig.Messages.Milestones.Count(LoggedEvents.OffsetsLost));
        Assert.Equal(records.Count, (await platform.Log.GetOffsetsAsync(stream.Name, 0, Waiting.Token)).Start);
    }

    private async Task AcceptAsync(StreamDefinition stream, long start, long end) => await platform.Store.AcceptGapAsync(
        new LogGap(stream.Name, 0, new OffsetRange(start, end), RandomRecords.AppendedAt), Waiting.Token);

    /// <summary>Asserts that the store holds what the records from an offset on amount to.</summary>
    private async Task AssertHoldsFromAsync(StreamDefinition stream, List<LogRecord> records, int start)
    {
        Assert.InRange(start, 1, records.Count - 1);
        Dictionary<string, ViewAnswer> expected = SpeedOracle.Answer(LogRecords.Place(records, 1).Skip(start));
        foreach (ViewDefinition view in stream.Views)
        {
            ViewAnswer.AssertSame(expected[view.Name], await platform.ReadAsync(view));
        }

        await platform.AssertEpochsAreContiguousAsync(stream);
        Assert.Equal(records.Count, (await platform.Store.ReadStreamAsync(stream.Name, Waiting.Token))!.Partitions[0].NextOffset);
    }
}

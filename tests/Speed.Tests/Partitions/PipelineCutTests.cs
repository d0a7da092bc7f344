using Lambda.Log;
using Lambda.Processing;
using Lambda.Speed.Tests.Fixtures;
using Lambda.Store;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Plans;
using Xunit;

namespace Lambda.Speed.Tests.Partitions;

public class PipelineCutTests
{
    private static readonly StreamPlan Plan = new(Readings.Stream());

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Any_cut_into_batches_commits_and_epochs_gives_what_the_oracle_gives(int seed)
    {
        Random random = new(seed);
        List<LogRecord> records = RandomRecords.Create(random, random.Next(1, 600));
        Dictionary<string, ViewAnswer> expected = SpeedOracle.Answer(LogRecords.Place(records, 1));
        for (int cut = 0; cut < 4; cut++)
        {
            Ledger ledger = Run(records, random, batch: random.NextDouble(), commit: random.NextDouble(), seal: random.NextDouble());
            foreach (ViewDefinition view in Plan.Stream.Views)
            {
                ViewAnswer.AssertSame(expected[view.Name], Answers.Compose(view, [ledger.Partials(view)]));
            }

            Assert.Equal(records.Count(record => record.Refusal is null), ledger.Accepted);
            Assert.Equal(records.Count(record => record.Refusal is not null), ledger.Quarantined);
            Assert.Equal(records.Count, ledger.Last!.NextOffset);
            Assert.Equal(
                records.Max(record => record.Event is { } reading ? UtcMicroseconds.From(reading.Time) : (long?)null), ledger.Last.MaxEventTime);
            Assert.Equal(
                records.Select((record, offset) => (record, offset)).Where(row => row.record.Refusal is not null)
                    .Select(row => (0, (long)row.offset, AppendedAt(row.offset), row.record.Refusal!.Value, Convert.ToHexString(row.record.Key),
                        Convert.ToHexString(row.record.Value))),
                ledger.Quarantine.OrderBy(row => row.Offset).Select(row => (
                    row.Partition, row.Offset, row.AppendedAt, row.Reason, Convert.ToHexString(row.Key.Span), Convert.ToHexString(row.Value.Span))));
        }
    }

    [Fact]
    public void The_random_streams_hold_late_events_and_every_kind_of_refusal()
    {
        List<LogRecord> records = [.. Enumerable.Range(1, 25).SelectMany(seed => RandomRecords.Create(new Random(seed), 300))];
        Assert.Equal(6, records.Select(record => record.Refusal).OfType<Events.RejectReason>().Distinct().Count());
        Assert.All(
            SpeedOracle.Answer(LogRecords.Place(RandomRecords.Create(new Random(1), 600), 1)),
            view => Assert.True(
                view.Value.Accepted.Count > 10 && (view.Value.Late.Count > 10 || view.Key == Readings.ByThree),
                $"{view.Value.Accepted.Count} and {view.Value.Late.Count} windows"));
    }

    /// <summary>Runs all records; the numbers are how likely a batch, a commit or an epoch ends after each record or batch.</summary>
    private static Ledger Run(List<LogRecord> records, Random random, double batch, double commit, double seal)
    {
        PartitionPipeline pipeline = new(Plan, 0, new PartitionClaim(3, 1, 0, null));
        Ledger ledger = new();
        List<int> cuts = [.. Enumerable.Range(1, records.Count - 1).Where(_ => random.NextDouble() < batch)];
        foreach (RecordBatch part in LogRecords.Batches(records, cuts, AppendedAt))
        {
            using (part)
            {
                pipeline.Process(part);
            }

            if (random.NextDouble() < commit)
            {
                EpochRule rule = random.NextDouble() < seal ? EpochRule.Seal : EpochRule.KeepOpen;
                ledger.Add(pipeline.TakeCommit(rule));
                if (rule == EpochRule.Seal)
                {
                    pipeline.StartEpoch();
                }
                else if (random.NextDouble() < seal / 4)
                {
                    // A crash right after the commit: another pipeline goes on from the store's row.
                    SpeedCommit last = ledger.Last!;
                    pipeline = new PartitionPipeline(Plan, 0, new PartitionClaim(4, last.Epoch + 1, last.NextOffset, last.MaxEventTime));
                    pipeline.Resume(ledger.Partials(Plan.Stream.Views.Single(view => view.Name == Readings.Visits)));
                }
            }
        }

        ledger.Add(pipeline.TakeCommit(EpochRule.KeepOpen));
        return ledger;
    }

    private static long AppendedAt(int offset) => UtcMicroseconds.From(RandomRecords.AppendedAt) + (offset / 10);
}

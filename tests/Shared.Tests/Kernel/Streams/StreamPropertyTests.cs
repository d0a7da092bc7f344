using Lambda.TestSupport.Oracle;
using Lambda.Views.Composing;
using Lambda.Views.Plans;
using Xunit;

namespace Lambda.Tests.Kernel.Streams;

public sealed class StreamPropertyTests
{
    private const int Rounds = 60;
    private static readonly TimeSpan[] Bounds = [TimeSpan.Zero, TimeSpan.FromTicks(10), TimeSpan.FromMinutes(20), TimeSpan.FromDays(2)];
    private static readonly StreamPlan[] Plans = [.. Bounds.Select(bound => new StreamPlan(ReadingViews.Declared(bound)))];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Any_cut_into_batches_commits_and_epochs_gives_what_the_oracle_says(bool throughJson)
    {
        for (int round = 0; round < Rounds; round++)
        {
            int seed = Random.Shared.Next();
            Random random = new(seed);
            int bound = random.Next(Bounds.Length);
            var log = new RandomReadings(seed, withNonFinite: !throughJson).Next(partitions: random.Next(1, 4), records: random.Next(1, 200));
            OracleModel<Reading> model = ReadingViews.Expected(Bounds[bound]);
            IEnumerable<OracleRecord<Reading>> records = log.SelectMany(partition => partition).Select(record => record.Expected);
            IReadOnlyDictionary<string, OracleSpeedResult> expected = NaiveOracle.Speed(model, records);

            KernelRun run = new(Plans[bound], random, throughJson);
            foreach (IReadOnlyList<RandomRecord> partition in log.OrderBy(_ => random.Next()))
            {
                run.Process(partition);
            }

            for (int view = 0; view < model.Views.Count; view++)
            {
                string place = $"seed {seed}, view {model.Views[view].Name}";
                OracleSpeedResult rows = expected[model.Views[view].Name];
                MustAgree(rows.Accepted, run.Rows(view, PartialSelection.Accepted), $"{place}, accepted");
                MustAgree(rows.Late, run.Rows(view, PartialSelection.Late), $"{place}, late");
                MustAgree(rows.All, run.Rows(view, PartialSelection.AcceptedAndLate), $"{place}, all");
            }

            Assert.True(
                run.Quarantined.SetEquals(records.Where(record => record.Event is not { } good || model.Throws(good))
                    .Select(record => (record.Partition, record.Offset))),
                $"seed {seed}: other records were refused than the oracle refuses");
        }
    }

    [Fact]
    public void Without_watermarks_nothing_is_late_and_every_partial_has_missed_no_window()
    {
        for (int round = 0; round < Rounds / 3; round++)
        {
            int seed = Random.Shared.Next();
            var log = new RandomReadings(seed).Next(partitions: 2, records: 150);
            OracleModel<Reading> model = ReadingViews.Expected(TimeSpan.Zero);
            var expected = NaiveOracle.Speed(model, log.SelectMany(partition => partition).Select(record => record.Expected));
            KernelRun run = new(Plans[0], new Random(seed), withLateness: false);
            foreach (IReadOnlyList<RandomRecord> partition in log)
            {
                run.Process(partition);
            }

            for (int view = 0; view < model.Views.Count; view++)
            {
                MustAgree(expected[model.Views[view].Name].All, run.Rows(view, PartialSelection.Accepted), $"seed {seed}");
                Assert.Equal(0, run.Rows(view, PartialSelection.Late).Count);
            }
        }
    }

    [Fact]
    public void One_record_per_batch_and_epoch_gives_the_same_as_one_batch_in_one_epoch()
    {
        for (int round = 0; round < Rounds / 6; round++)
        {
            int seed = Random.Shared.Next();
            IReadOnlyList<RandomRecord> partition = new RandomReadings(seed).Next(partitions: 1, records: 120)[0];
            KernelRun whole = new(Plans[2], new Random(seed)) { MaxBatch = 1, EpochEvery = 0 };
            KernelRun cut = new(Plans[2], new Random(seed)) { MaxBatch = 1, EpochEvery = 1 };
            whole.Process(partition);
            cut.Process(partition);

            Assert.Equal(1, whole.EpochCount);
            Assert.Equal(partition.Count + 1, cut.EpochCount);
            for (int view = 0; view < Plans[2].Views.Count; view++)
            {
                MustAgree(whole.Rows(view, PartialSelection.Accepted), cut.Rows(view, PartialSelection.Accepted), $"seed {seed}");
                MustAgree(whole.Rows(view, PartialSelection.Late), cut.Rows(view, PartialSelection.Late), $"seed {seed}");
            }
        }
    }

    private static void MustAgree(OracleRows expected, OracleRows actual, string place)
    {
        string difference = expected.Difference(actual);
        Assert.True(difference.Length == 0, $"{place}:\n{difference}");
    }
}

using Lambda.TestSupport.Oracle;
using Lambda.Views.Composing;
using Lambda.Views.Plans;
using Xunit;

namespace Lambda.Tests.Kernel.Streams;

public sealed class AggregatePropertyTests
{
    private const int Rounds = 25;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_function_over_every_type_gives_what_the_oracle_says_however_the_stream_is_cut(bool throughJson)
    {
        AggregateViews views = new();
        StreamPlan plan = new(views.Declared());
        for (int round = 0; round < Rounds; round++)
        {
            int seed = Random.Shared.Next();
            Random random = new(seed);
            var log = new RandomReadings(seed, withNonFinite: !throughJson).Next(partitions: random.Next(1, 4), records: random.Next(1, 150));
            OracleRecord<Reading>[] records = [.. log.SelectMany(partition => partition).Select(record => record.Expected)];
            OracleModel<Reading> model = views.Expected(records);
            IReadOnlyDictionary<string, OracleSpeedResult> expected = NaiveOracle.Speed(model, records);

            KernelRun run = new(plan, random, throughJson, withLateness: false);
            foreach (IReadOnlyList<RandomRecord> partition in log.OrderBy(_ => random.Next()))
            {
                run.Process(partition);
            }

            for (int view = 0; view < model.Views.Count; view++)
            {
                string difference = expected[model.Views[view].Name].All.Difference(run.Rows(view, PartialSelection.Accepted));
                Assert.True(difference.Length == 0, $"seed {seed}, view {model.Views[view].Name}:\n{difference}");
            }
        }
    }
}

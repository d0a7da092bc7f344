using Lambda.Tests.Kernel.Definition;
using Lambda.Tests.Kernel.Windows;
using Lambda.TestSupport.Oracle;
using Lambda.Views;
using Lambda.Views.Composing;
using Lambda.Views.Plans;
using Xunit;
using static Lambda.TestSupport.Oracle.OracleAggregate;

namespace Lambda.Tests.Kernel.Streams;

/// <summary>Every form of windows with random parameters against the oracle.</summary>
public sealed class WindowPropertyTests
{
    private const int Rounds = 80;

    private static readonly TimeSpan[] Times = [TimeSpan.Zero, TimeSpan.FromTicks(10), TimeSpan.FromMinutes(20), TimeSpan.FromDays(2)];

    [Fact]
    public void Sliding_windows_of_any_size_slide_and_offset_hold_what_the_oracle_says() => MustAgree(RandomWindows.Sliding);

    [Fact]
    public void Windows_of_the_calendar_hold_what_the_oracle_says() => MustAgree(RandomWindows.Calendar);

    [Fact]
    public void One_window_of_all_time_holds_everything() => MustAgree(RandomWindows.AllTime);

    private static void MustAgree(Func<Random, RandomWindows> choose)
    {
        for (int round = 0; round < Rounds; round++)
        {
            int seed = Random.Shared.Next();
            Random random = new(seed);
            RandomWindows windows = choose(random);
            TimeSpan outOfOrderness = Times[random.Next(Times.Length)];
            TimeSpan lateness = Times[random.Next(Times.Length)];
            StreamDefinition stream = Evaluation.Define(
                view => view
                    .Where(e => e.Unit != "none").GroupBy(e => e.Site).Window(windows.Declared).AllowedLateness(lateness)
                    .Aggregate(a => new { Events = a.Count(), Amount = a.Sum(e => e.Amount), Ratio = a.Sum(e => e.Ratio), Largest = a.Max(e => e.MaybeCount) }),
                stream => stream.PartitionBy(e => e.Site).OutOfOrderness(outOfOrderness).MaxFutureSkew(ReadingViews.FutureSkew));
            OracleModel<Reading> model = new()
            {
                Time = e => OracleTime.Microseconds(e.Time),
                OutOfOrderness = outOfOrderness.Ticks / TimeSpan.TicksPerMicrosecond,
                Views =
                [
                    new()
                    {
                        Name = "by_site",
                        Filter = e => e.Unit != "none",
                        Key = e => [e.Site],
                        Windows = windows.Expected,
                        Lateness = lateness.Ticks / TimeSpan.TicksPerMicrosecond,
                        Aggregates =
                        [
                            Count<Reading>(), Sum<Reading>(e => (long?)e.Amount), Sum<Reading>(e => (double?)e.Ratio), Max<Reading>(e => (long?)e.MaybeCount),
                        ],
                    },
                ],
            };
            var log = new RandomReadings(seed) { Era = windows.Era }.Next(partitions: random.Next(1, 4), records: random.Next(1, 150));
            OracleSpeedResult expected = NaiveOracle.Speed(model, log.SelectMany(partition => partition).Select(record => record.Expected))["by_site"];
            KernelRun run = new(new StreamPlan(stream), random);
            foreach (IReadOnlyList<RandomRecord> partition in log.OrderBy(_ => random.Next()))
            {
                run.Process(partition);
            }

            string place = $"seed {seed}, {windows.Declared}, lateness {lateness}, out-of-orderness {outOfOrderness}";
            MustAgree(expected.Accepted, run.Rows(0, PartialSelection.Accepted), $"{place}, accepted");
            MustAgree(expected.Late, run.Rows(0, PartialSelection.Late), $"{place}, late");
            MustAgree(expected.All, run.Rows(0, PartialSelection.AcceptedAndLate), $"{place}, all");
        }
    }

    private static void MustAgree(OracleRows expected, OracleRows actual, string place)
    {
        string difference = expected.Difference(actual);
        Assert.True(difference.Length == 0, $"{place}:\n{difference}");
    }
}

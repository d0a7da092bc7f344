using Lambda.Tests.Kernel.Streams;
using Lambda.TestSupport.Oracle;
using Lambda.Views.Composing;
using Lambda.Views.Plans;
using Xunit;

namespace Lambda.Tests.Kernel.Sessions;

public sealed class SessionPropertyTests
{
    private const int Rounds = 150;
    private static readonly TimeSpan[] Bounds = [TimeSpan.Zero, TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(5), TimeSpan.FromDays(2)];
    private static readonly StreamPlan[] Plans = [.. Bounds.Select(bound => new StreamPlan(SessionViews.Declared(bound)))];

    [Fact]
    public void Any_cut_into_batches_commits_epochs_and_processes_gives_what_the_oracle_says()
    {
        for (int round = 0; round < Rounds; round++)
        {
            int seed = Random.Shared.Next();
            Random random = new(seed);
            int bound = random.Next(Bounds.Length);
            var log = RandomSessions.Create(seed, partitions: random.Next(1, 4), records: random.Next(1, 300));
            OracleModel<Reading> model = SessionViews.Expected(Bounds[bound]);
            IReadOnlyDictionary<string, OracleSpeedResult> expected =
                NaiveOracle.Speed(model, log.SelectMany(partition => partition).Select(record => record.Expected));

            KernelRun run = new(Plans[bound], random) { MaxBatch = random.Next(1, 60), EpochEvery = random.Next(1, 8) };
            foreach (IReadOnlyList<RandomRecord> partition in log)
            {
                run.Process(partition);
            }

            foreach ((OracleView<Reading> view, int number) in model.Views.Select((view, number) => (view, number)))
            {
                string place = $"seed {seed}, view {view.Name}";
                MustAgree(expected[view.Name].Accepted, run.Rows(number, PartialSelection.Accepted), $"{place}, accepted");
                MustAgree(expected[view.Name].Late, run.Rows(number, PartialSelection.Late), $"{place}, late");
                MustAgree(expected[view.Name].All, run.Rows(number, PartialSelection.AcceptedAndLate), $"{place}, all");
            }
        }
    }

    [Fact]
    public void Random_streams_have_late_events_and_sessions_that_others_join_in_spite_of_the_watermark()
    {
        long late = 0;
        long joined = 0;
        OracleModel<Reading> model = SessionViews.Expected(Bounds[0]);
        OracleView<Reading> view = model.Views[1];
        for (int seed = 0; seed < 20; seed++)
        {
            List<OracleRecord<Reading>> records = [.. RandomSessions.Create(seed, 2, 300).SelectMany(partition => partition).Select(record => record.Expected)];
            long refused = NaiveOracle.Speed(Alone(model, view), records)["alone"].Late.EventCount;
            long lateHere = NaiveOracle.Speed(model, records)[view.Name].Late.EventCount;
            late += lateHere;
            joined += refused - lateHere;
        }

        Assert.True(late > 100 && joined > 100, $"{late} late, {joined} joined");
    }

    /// <summary>The model with a view whose every event is judged by a session of its own.</summary>
    private static OracleModel<Reading> Alone(OracleModel<Reading> model, OracleView<Reading> view) => new()
    {
        Time = model.Time,
        OutOfOrderness = model.OutOfOrderness,
        Views = [new() { Name = "alone", Key = e => [e.Id], Windows = view.Windows, Lateness = view.Lateness, Aggregates = [] }],
    };

    private static void MustAgree(OracleRows expected, OracleRows actual, string place)
    {
        string difference = expected.Difference(actual);
        Assert.True(difference.Length == 0, $"{place}:\n{difference}");
    }
}

using Lambda.Store;
using Lambda.Store.Embedded;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;

namespace Lambda.Bench.Kafka;

/// <summary>
/// The real thing, turn by turn in one process with librdkafka's batch queue and the loop one would write: Kafka → decode → windows → committed exactly
/// once, in the embedded store and in PostgreSQL. Each round begins with an empty store, and its windows must be those of the loop.
/// </summary>
internal static class KafkaBenchmark
{
    private const string Postgres = "postgres";

    public static async Task RunAsync(KafkaBenchmarkOptions options)
    {
        await using FlightTopic topic = await FlightTopic.FillAsync(options.Bootstrap, options.Copies);
        await using PostgresCluster postgres = await PostgresCluster.StartAsync(
            "fsync = on", "shared_buffers = 512MB", "max_wal_size = 4GB");
        string folder = Directory.CreateTempSubdirectory("lambda-bench-").FullName;
        try
        {
            Dictionary<(DateTime Hour, string Origin), HourlyTotals> expected = [];
            IViewStore? store = null;
            Contender embedded = new("embedded", topic.Records, () => SpeedRun.ComputeAsync(topic, store!));
            Contender postgresql = new(Postgres, topic.Records, () => SpeedRun.ComputeAsync(topic, store!), postgres.ReadCpuTime);
            Contender bare = new("batch queue", topic.Records, () => Task.Run(() => BatchQueue.TakeAll(topic)));
            Contender loop = new("Consume loop", topic.Records, () => Task.Run(() => expected = ConsumeLoop.Run(topic)));
            Contender[] all = [embedded, postgresql, bare, loop];
            for (int round = 0; round <= options.Rounds; round++)
            {
                // The first round is what a process does that has just started; its embedded run is the first thing the process does.
                Console.WriteLine($"{(round == 0 ? "cold" : $"round {round}")}, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
                bool isMeasured = round > 0;
                await using IViewStore inFolder = await EmbeddedViewStore.OpenAsync(
                    new EmbeddedStoreOptions { Folder = Path.Combine(folder, $"{round}") }, TimeProvider.System, CancellationToken.None);
                await using IViewStore inPostgres = await PostgresViewStore.OpenAsync(
                    new PostgresStoreOptions { ConnectionString = postgres.ConnectionString(await postgres.CreateDatabaseAsync()) },
                    TimeProvider.System,
                    CancellationToken.None);
                if (options.Only is { } only)
                {
                    store = only == Postgres ? inPostgres : inFolder;
                    await all.First(contender => contender.Name == only).RunAsync(isMeasured);
                    continue;
                }

                store = inFolder;
                await embedded.RunAsync(isMeasured);
                store = inPostgres;
                await postgresql.RunAsync(isMeasured);
                await bare.RunAsync(isMeasured);
                await loop.RunAsync(isMeasured);
                await SpeedRun.RequireAsync(inFolder, expected);
                await SpeedRun.RequireAsync(inPostgres, expected);
                Console.WriteLine($"  all {expected.Count:N0} windows are the loop's in both stores");
            }

            if (options.Only is not null)
            {
                return;
            }

            Console.WriteLine("medians, warm");
            foreach (Contender contender in all)
            {
                contender.Report(bare, loop);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

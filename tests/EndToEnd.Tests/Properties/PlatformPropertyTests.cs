using System.Diagnostics;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Contents;
using Lambda.Jobs;
using Lambda.Log;
using Lambda.Store;
using Lambda.TestSupport.Crashes;
using Lambda.TestSupport.Oracle;

namespace Lambda.EndToEnd.Tests.Properties;

public class PlatformPropertyTests
{
    // About as many calls as a speed process or a run makes here, so that some crash late and some not at all.
    private const int MostSpeedCalls = 60;
    private const int MostBatchCalls = 90;
    private const int MostMaintenanceCalls = 60;

    /// <summary>How many bytes files are put together to, at most: some become one, and few dates have more.</summary>
    private const long MostFileBytes = 40_000;

    /// <summary>Seeds that have shown a defect once.</summary>
    public static TheoryData<int> OldSeeds => [634487340, 979360356];

    [Theory]
    [MemberData(nameof(OldSeeds))]
    public Task What_once_went_wrong_stays_right(int seed) => LiveAsync(seed, LogShape.Dense, upkeep: null);

    [Theory]
    [InlineData(LogShape.Dense)]
    [InlineData(LogShape.Sparse)]
    [InlineData(LogShape.Lossy)]
    public async Task Whatever_arrives_wherever_it_is_cut_and_whatever_crashes_all_layers_say_what_the_oracle_says(LogShape shape)
    {
        long started = Stopwatch.GetTimestamp();
        int lives = 0;
        do
        {
            int seed = Random.Shared.Next();
            await LiveAsync(seed, shape, new Random(seed));
            lives++;
        }
        while (Stopwatch.GetElapsedTime(started) < WorldBudget.Time);

        TestContext.Current.TestOutputHelper?.WriteLine($"{lives} worlds.");
    }

    private static async Task LiveAsync(int seed, LogShape shape, Random? upkeep)
    {
        try
        {
            await new Life(seed, shape, upkeep).RunAsync();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new InvalidOperationException($"Seed {seed}, {shape} log: {error.Message}", error);
        }
    }

    /// <summary>One world from its first record to the last publication.</summary>
    /// <param name="seed">Decides on all that happens but upkeep.</param>
    /// <param name="shape">Which offsets the log has.</param>
    /// <param name="upkeep">Decides on how files lie and how much is computed, of which nothing may be seen; null for new events over files as they were archived.</param>
    private sealed class Life(int seed, LogShape shape, Random? upkeep)
    {
        private readonly Random _random = new(seed);

        public async Task RunAsync()
        {
            TimeSpan outOfOrderness = TimeSpan.FromMinutes(_random.Next(0, 3) * 10);
            OracleModel<Scan> model = ScanViews.Expected(outOfOrderness);
            int partitions = _random.Next(1, 5);
            await using World world = await World.CreateAsync(
                ScanViews.Declared(partitions, outOfOrderness), shape == LogShape.Dense ? null : new SparseOffsets(seed, partitions));
            RandomScans scans = new(_random);
            int rounds = _random.Next(2, 5);
            for (int round = 0; round < rounds; round++)
            {
                if (shape == LogShape.Lossy)
                {
                    await LoseAsync(world, scans);
                }

                await AppendAsync(world, scans);
                await SpeedAsync(world);
                await BatchAsync(world);
                await MaintainAsync(world);
                await new Verdict(world, model, seed, $"seed {seed}, round {round}").CheckAsync();
                if (_random.Next(3) == 0)
                {
                    await world.ReopenAsync();
                }
            }

            await FinishAsync(world, model);
        }

        private async Task AppendAsync(World world, RandomScans scans)
        {
            for (int append = _random.Next(0, 4); append >= 0; append--)
            {
                await world.AppendAsync(scans.Next(_random.Next(1, 60)));
            }
        }

        /// <summary>The speed layer comes some way, crashing or not; sometimes it does not run at all.</summary>
        private async Task SpeedAsync(World world)
        {
            for (int crash = _random.Next(0, 3); crash > 0; crash--)
            {
                DoomedProcess doomed = new(_random.Next(1, MostSpeedCalls), AnyMoment(_random));
                using SpeedProcess crashing = SpeedProcess.Start(world, _random, doomed);
                await crashing.EndAsync();
            }

            if (_random.Next(3) > 0)
            {
                using SpeedProcess speed = SpeedProcess.Start(world, _random, DoomedProcess.Immortal);
                await speed.WaitAsync([.. (await world.EndsAsync()).Select(end => _random.NextInt64(end + 1))]);
                await speed.StopAsync();
            }
        }

        /// <summary>The batch layer crashes now and then and comes to an end sometimes, with the speed layer running beside it or not.</summary>
        private async Task BatchAsync(World world)
        {
            bool hasSpeed = _random.Next(2) == 0;
            using SpeedProcess? speed = hasSpeed ? SpeedProcess.Start(world, _random, DoomedProcess.Immortal) : null;
            for (int crash = _random.Next(0, 3); crash > 0; crash--)
            {
                await CrashBatchAsync(world, hasSpeed);
            }

            if (_random.Next(3) > 0)
            {
                await PublishAsync(world, hasSpeed);
            }

            if (speed is not null)
            {
                await speed.StopAsync();
            }
        }

        private async Task CrashBatchAsync(World world, bool hasSpeed)
        {
            DoomedProcess doomed = new(_random.Next(1, MostBatchCalls), AnyMoment(_random));
            try
            {
                await world.RecomputeAsync(doomed, _random.Next(1, 3), _random.Next(1, 100), hasSpeed ? World.ShortSealTimeout : TimeSpan.Zero);
            }
            catch (Exception) when (doomed.IsGone)
            {
                // What the code makes of a crash does not matter: the process is gone.
            }

            world.OutliveLease();
        }

        private static CrashMoment AnyMoment(Random random) => random.Next(2) == 0 ? CrashMoment.AfterCall : CrashMoment.BeforeCall;

        /// <summary>Files are put together or vacuumed now and then, by processes that crash or not.</summary>
        private async Task MaintainAsync(World world)
        {
            for (int job = upkeep?.Next(0, 4) ?? 0; job > 0; job--)
            {
                DoomedProcess process = upkeep!.Next(2) == 0 ? DoomedProcess.Immortal : new(upkeep.Next(1, MostMaintenanceCalls), AnyMoment(upkeep));
                try
                {
                    await (upkeep.Next(3) == 0 ? world.VacuumAsync(process) : world.CompactAsync(process, upkeep.NextInt64(1, MostFileBytes)));
                }
                catch (Exception) when (process.IsGone)
                {
                    // As with runs.
                }
            }
        }

        /// <summary>Computes what is new or everything, while files are put together or not.</summary>
        private async Task PublishAsync(World world, bool hasSpeed)
        {
            Task meanwhile = upkeep?.Next(3) == 0 ? world.CompactAsync(DoomedProcess.Immortal, MostFileBytes) : Task.CompletedTask;
            RunResult result = await world.RecomputeAsync(
                DoomedProcess.Immortal, _random.Next(1, 3), _random.Next(1, 200), hasSpeed ? World.ShortSealTimeout : TimeSpan.Zero,
                upkeep?.Next(3) == 0 ? RunScope.All : RunScope.New);
            await meanwhile;
            Assert.True(result.Outcome == RunOutcome.Published, $"{result.Outcome}: {result.Message}");
            Assert.All(
                result.Report!.Checks,
                check => Assert.True(check.Verdict != CheckVerdict.Failed || check.Name == "accepted gaps", $"{check.Name}: {check.Message}"));
        }

        /// <summary>Both layers have read everything; then the log loses records before either has read them.</summary>
        private async Task LoseAsync(World world, RandomScans scans)
        {
            await CatchUpAsync(world);
            long[] before = await world.EndsAsync();
            await AppendAsync(world, scans);
            long[] after = await world.EndsAsync();
            for (int partition = 0; partition < world.Partitions; partition++)
            {
                if (_random.Next(2) == 0 && after[partition] > before[partition])
                {
                    await world.LoseAsync(partition, new OffsetRange(before[partition], _random.NextInt64(before[partition], after[partition]) + 1));
                }
            }
        }

        private async Task CatchUpAsync(World world)
        {
            using SpeedProcess speed = SpeedProcess.Start(world, _random, DoomedProcess.Immortal);
            await speed.WaitAsync(await world.EndsAsync());
            await PublishAsync(world, hasSpeed: true);
            await speed.StopAsync();
        }

        /// <summary>Everything is computed, archived and published: then all layers agree but for what was late, repeated or refused.</summary>
        private async Task FinishAsync(World world, OracleModel<Scan> model)
        {
            await CatchUpAsync(world);
            await PublishAsync(world, hasSpeed: false);
            var (committed, boundary) = await new Verdict(world, model, seed, $"seed {seed}, at the end").CheckAsync();
            Assert.Equal(await world.EndsAsync(), committed);
            Assert.Equal(await world.EndsAsync(), boundary);
            await MustBeCleanAsync(world);
        }

        /// <summary>Whatever has crashed: the history is well, and nothing is left over, in it or in the store.</summary>
        private static async Task MustBeCleanAsync(World world)
        {
            await world.VacuumAsync(DoomedProcess.Immortal);
            Assert.Empty(await world.FindOrphansAsync());
            Assert.Empty(await world.VerifyHistoryAsync());
            IReadOnlyList<GenerationInfo> generations = await world.Store.ReadGenerationsAsync(ScanViews.Stream, int.MaxValue, TestContext.Current.CancellationToken);
            Assert.Equal(GenerationState.Current, generations[0].State);
            Assert.All(generations.Skip(1), generation => Assert.Equal(GenerationState.Superseded, generation.State));
            Assert.Equal(VerifyOutcome.AsPublished, (await new GenerationVerifier(world.Store).RunAsync(
                world.Plan.Stream, generations[0], TestContext.Current.CancellationToken)).Outcome);
        }
    }
}

using System.Diagnostics;
using Lambda.Batch;
using Lambda.Batch.Archive;
using Lambda.Batch.Recompute;
using Lambda.Log;
using Lambda.Replays;
using Lambda.Store;
using Lambda.TestSupport.Crashes;
using Lambda.TestSupport.Oracle;

namespace Lambda.EndToEnd.Tests.Properties;

public class ReplayPropertyTests
{
    // About as many calls as a replay makes here, so that some crash late and some not at all.
    private const int MostReplayCalls = 120;

    [Theory]
    [InlineData(LogShape.Dense)]
    [InlineData(LogShape.Sparse)]
    [InlineData(LogShape.Lossy)]
    public async Task A_replay_that_is_promoted_answers_as_the_oracle_does_whatever_was_archived_crashed_and_changed(LogShape shape)
    {
        long started = Stopwatch.GetTimestamp();
        int lives = 0;
        do
        {
            int seed = Random.Shared.Next();
            try
            {
                await new Life(seed, shape).RunAsync();
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                throw new InvalidOperationException($"Seed {seed}, {shape} log: {error.Message}", error);
            }

            lives++;
        }
        while (Stopwatch.GetElapsedTime(started) < WorldBudget.Time);

        TestContext.Current.TestOutputHelper?.WriteLine($"{lives} worlds.");
    }

    /// <summary>A world whose stream is replayed, perhaps with another definition; the replay answers, and what answered before comes back.</summary>
    private sealed class Life(int seed, LogShape shape)
    {
        private readonly Random _random = new(seed);

        private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

        public async Task RunAsync()
        {
            TimeSpan outOfOrderness = TimeSpan.FromMinutes(_random.Next(0, 3) * 10);
            OracleModel<Scan> model = ScanViews.Expected(outOfOrderness);
            int partitions = _random.Next(1, 4);
            await using World world = await World.CreateAsync(
                ScanViews.Declared(partitions, outOfOrderness), shape == LogShape.Dense ? null : new SparseOffsets(seed, partitions));
            RandomScans scans = new(_random);
            for (int round = _random.Next(1, 3); round > 0; round--)
            {
                if (shape == LogShape.Lossy)
                {
                    await LoseAsync(world, scans);
                }

                await GoOnAsync(world, scans);
            }

            bool isRedefined = _random.Next(2) == 0;
            if (isRedefined)
            {
                TimeSpan disorder = TimeSpan.FromMinutes(_random.Next(0, 3) * 10);
                TimeSpan patience = TimeSpan.FromMinutes(_random.Next(0, 3) * 45);
                model = ScanViews.Expected(disorder, patience);
                await world.RedefineAsync(ScanViews.Declared(partitions, disorder, patience));
            }

            using BatchStreams histories = world.OpenHistories();
            ArchivedRecords archive = new(histories);
            ReplayService replays = new(world.Catalog, world.Log, world.Store, archive, TimeProvider.System);
            await MustGiveBackAsync(world, archive);
            await TrimAsync(world, archive);
            EditionInfo replay = await replays.StartAsync(ScanViews.Stream, Cancellation);
            await CrashAsync(world, archive, replay, scans);
            await PromoteAsync(world, replays, archive, replay, scans);
            if (isRedefined && (await world.Store.ReadStreamAsync(ScanViews.Stream, Cancellation))!.CurrentGeneration is not null)
            {
                // The generation that is served is of the old definition.
                await RecomputeAsync(world);
            }

            await new Verdict(world, model, seed, $"seed {seed}, promoted").CheckAsync();

            EditionInfo kept = await replays.FindAsync(ScanViews.Stream, 0, Cancellation);
            Assert.Equal(EditionState.Kept, kept.State);
            await GoOnAsync(world, scans);
            await new Verdict(world, model, seed, $"seed {seed}, after the promotion").CheckAsync();
            if (!isRedefined)
            {
                await PromoteAsync(world, replays, archive, kept, scans);
                await new Verdict(world, model, seed, $"seed {seed}, promoted back").CheckAsync();
            }

            EditionInfo beside = (await replays.ListAsync(ScanViews.Stream, Cancellation)).First(edition => edition.State != EditionState.Live);
            await replays.DropAsync(ScanViews.Stream, beside.Edition, Cancellation);
            await GoOnAsync(world, scans);
            await new Verdict(world, model, seed, $"seed {seed}, at the end").CheckAsync();
        }

        /// <summary>More records come, and both layers come some way.</summary>
        private async Task GoOnAsync(World world, RandomScans scans)
        {
            await world.AppendAsync(scans.Next(_random.Next(1, 80)));
            using SpeedProcess speed = SpeedProcess.Start(world, _random, DoomedProcess.Immortal);
            await speed.WaitAsync([.. (await world.EndsAsync()).Select(end => _random.NextInt64(end + 1))]);
            if (_random.Next(3) > 0)
            {
                await PublishAsync(world);
            }

            await speed.StopAsync();
        }

        private async Task RecomputeAsync(World world)
        {
            using SpeedProcess speed = SpeedProcess.Start(world, _random, DoomedProcess.Immortal);
            await PublishAsync(world);
            await speed.StopAsync();
        }

        private static async Task PublishAsync(World world)
        {
            RunResult result = await world.RecomputeAsync(DoomedProcess.Immortal, workers: 1, archiveRun: 1000, World.ShortSealTimeout);
            Assert.True(result.Outcome is RunOutcome.Published or RunOutcome.UpToDate, $"{result.Outcome}: {result.Message}");
            Assert.All(
                result.Report?.Checks ?? [],
                check => Assert.True(check.Verdict != CheckVerdict.Failed || check.Name == "accepted gaps", $"{check.Name}: {check.Message}"));
        }

        /// <summary>Both layers have read everything; then the log loses records before either has read them.</summary>
        private async Task LoseAsync(World world, RandomScans scans)
        {
            using (SpeedProcess speed = SpeedProcess.Start(world, _random, DoomedProcess.Immortal))
            {
                await speed.WaitAsync(await world.EndsAsync());
                await PublishAsync(world);
                await speed.StopAsync();
            }

            long[] before = await world.EndsAsync();
            await world.AppendAsync(scans.Next(_random.Next(1, 80)));
            long[] after = await world.EndsAsync();
            for (int partition = 0; partition < world.Partitions; partition++)
            {
                if (_random.Next(2) == 0 && after[partition] > before[partition])
                {
                    await world.LoseAsync(partition, new OffsetRange(before[partition], _random.NextInt64(before[partition], after[partition]) + 1));
                }
            }
        }

        /// <summary>Whatever runs of offsets the history is read in, it gives each record back once, and none from where it was to end.</summary>
        private async Task MustGiveBackAsync(World world, ArchivedRecords archive)
        {
            Boundary archived = await archive.FindEndAsync(ScanViews.Stream, Cancellation);
            StreamStatus status = (await world.Store.ReadStreamAsync(ScanViews.Stream, Cancellation))!;
            using RecordBatch records = new();
            for (int partition = 0; partition < world.Partitions; partition++)
            {
                List<(long Offset, byte[] Value)> read = [];
                for (long from = status.Partitions[partition].Start; from < archived[partition]; from = records.NextOffset)
                {
                    long to = Math.Max(from + 1, archived[partition] - ((archived[partition] - from) / _random.Next(8, 64)));
                    await archive.ReadAsync(ScanViews.Stream, partition, from, to, records, Cancellation);
                    Assert.InRange(records.NextOffset, from + 1, to);
                    for (int i = 0; i < records.Count; i++)
                    {
                        read.Add((records.Offset(i), records.Value(i).ToArray()));
                    }
                }

                List<OracleRecord<Scan>> expected =
                    [.. world.Records.Where(record => record.Partition == partition && record.Offset < archived[partition]).OrderBy(record => record.Offset)];
                Assert.Equal(expected.Select(record => record.Offset), read.Select(record => record.Offset));
                Assert.All(
                    expected.Zip(read).Where(pair => pair.First.Event is not null), pair => Assert.Equal(pair.First.Event, Scan.FromJson(pair.Second.Value)));
            }
        }

        /// <summary>The log forgets what is archived and computed, as it does after a while.</summary>
        private async Task TrimAsync(World world, ArchivedRecords archive)
        {
            if (_random.Next(2) == 0)
            {
                return;
            }

            Boundary archived = await archive.FindEndAsync(ScanViews.Stream, Cancellation);
            StreamStatus status = (await world.Store.ReadStreamAsync(ScanViews.Stream, Cancellation))!;
            for (int partition = 0; partition < world.Partitions; partition++)
            {
                await world.Log.TrimAsync(
                    ScanViews.Stream, partition, Math.Min(archived[partition], status.Partitions[partition].NextOffset), Cancellation);
            }
        }

        /// <summary>Processes that compute the replay crash, while the other layers go on.</summary>
        private async Task CrashAsync(World world, ArchivedRecords archive, EditionInfo replay, RandomScans scans)
        {
            for (int crash = _random.Next(0, 4); crash > 0; crash--)
            {
                DoomedProcess doomed = new(_random.Next(1, MostReplayCalls), _random.Next(2) == 0 ? CrashMoment.AfterCall : CrashMoment.BeforeCall);
                await using ReplayProcess crashing = ReplayProcess.Start(world, archive, replay, _random, doomed);
                if (_random.Next(2) == 0)
                {
                    await GoOnAsync(world, scans);
                }
                else
                {
                    await Task.WhenAny(crashing.EndAsync(), Task.Delay(30, Cancellation));
                }
            }
        }

        /// <summary>The replay takes over while records come or not. When none come, no answer is another one at any moment.</summary>
        private async Task PromoteAsync(World world, ReplayService replays, ArchivedRecords archive, EditionInfo replay, RandomScans scans)
        {
            await using ReplayProcess replaying = ReplayProcess.Start(world, archive, replay, _random, DoomedProcess.Immortal);
            using SpeedProcess speed = SpeedProcess.Start(world, _random, DoomedProcess.Immortal);
            await speed.WaitAsync(await world.EndsAsync());
            await replaying.CompleteAsync(replays, replay);
            bool isBusy = _random.Next(2) == 0;
            using CancellationTokenSource promoted = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            Task beside = isBusy ? AppendAsync(world, scans, promoted.Token) : AskAsync(world, promoted.Token);
            EditionInfo live = await replays.PromoteAsync(ScanViews.Stream, replay.Edition, Cancellation);
            Assert.Equal(EditionState.Live, live.State);
            await promoted.CancelAsync();
            await beside;
            await speed.WaitAsync([.. (await world.EndsAsync()).Select(end => _random.NextInt64(end + 1))]);
            await speed.StopAsync();
        }

        private async Task AppendAsync(World world, RandomScans scans, CancellationToken until)
        {
            Random random = new(seed);
            do
            {
                await world.AppendAsync(scans.Next(random.Next(1, 5)));
            }
            while (!until.IsCancellationRequested);
        }

        /// <summary>Nothing is appended, and everything is committed: so each snapshot has the same number of offsets in its epochs, and one edition's partials.</summary>
        private static async Task AskAsync(World world, CancellationToken until)
        {
            ViewRead read = new(
                world.Plan.Stream.Views[^1].Layout, WindowRange.All, new Dictionary<int, object?>(), ReadScope.Speed);
            HashSet<long> counts = [];
            do
            {
                ViewSnapshot snapshot = await world.Store.ReadViewAsync(read, Cancellation);
                if (snapshot.Coverage.Equals(snapshot.Stream.Starts))
                {
                    counts.Add(snapshot.Speed.EventCounts.Values[..snapshot.Speed.Count].ToArray().Sum());
                }
            }
            while (!until.IsCancellationRequested);

            Assert.True(counts.Count <= 1, $"While one edition took over, a view counted {string.Join(", ", counts)} events.");
        }
    }
}

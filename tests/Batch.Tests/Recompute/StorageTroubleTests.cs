using Lambda.Batch.Archive;
using Lambda.Batch.Deletion;
using Lambda.Batch.History;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.History;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Lambda.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>
/// Whatever goes wrong when a history is read or listed, and whenever a job is asked to stop: nothing is lost, nothing is there twice, no generation is seen
/// in part, and the same job ends right when it is done again, by the same process or the next one.
/// </summary>
public sealed class StorageTroubleTests
{
    /// <summary>Others each time, for the time that each takes.</summary>
    private const int JobsOfATest = 5;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What a batch layer does with a history.</summary>
    internal enum Job
    {
        Archive,
        RecomputeNew,
        RecomputeAll,
        Compact,
        Vacuum,
        Verify,
        Delete,
    }

    [Theory]
    [InlineData(Trouble.Error)]
    [InlineData(Trouble.Cut)]
    [InlineData(Trouble.StaleListing)]
    [InlineData(Trouble.CancelledBefore)]
    [InlineData(Trouble.CancelledAfter)]
    public async Task After_trouble_at_any_operation_all_is_there_once_and_the_job_ends_right(Trouble trouble)
    {
        int seed = Random.Shared.Next();
        await using Scene scene = await Scene.BeginAsync(seed);
        Job[] jobs = Enum.GetValues<Job>();
        scene.Random.Shuffle(jobs);
        foreach (Job job in jobs.Take(JobsOfATest))
        {
            await scene.TryAsync(job, trouble);
        }
    }

    /// <summary>A platform with a past, over a storage that gets into trouble.</summary>
    private sealed class Scene : IAsyncDisposable
    {
        private const int OrdersBetween = 12;
        private const int MostListings = 4;

        /// <summary>About what the jobs do at their storage.</summary>
        private const int MostOperations = 60;

        private readonly FakeTimeProvider _later = new(DateTimeOffset.UtcNow);
        private readonly int _seed;
        private readonly TroubledStorage _storage;
        private readonly Platform _platform;
        private readonly RandomOrders _orders;
        private readonly RecomputeRun _run;
        private IStreamArchive _archive;
        private HashSet<string> _deleted = [];

        private Scene(int seed, Random random, Platform platform, TroubledStorage storage)
        {
            _seed = seed;
            Random = random;
            _platform = platform;
            _storage = storage;
            _archive = platform.Archive;
            _run = platform.Run();
            _orders = new RandomOrders(seed, platform, LogShape.Sparse) { Placement = Placement.ByShop };
        }

        public Random Random { get; }

        public static async Task<Scene> BeginAsync(int seed)
        {
            Random random = new(seed);
            TroubledStorage storage = new(new MemoryStorage(TimeProvider.System), new Random(seed));
            Platform platform = await Platform.CreateAsync(
                Orders.Catalog(stream => stream.Expect(e => e.Completeness(order => order.Shop, 1))), OracleTests.Starts(LogShape.Sparse), storage: storage);
            Scene scene = new(seed, random, platform, storage);
            await platform.StartSpeedAsync();
            scene._orders.Append(60);
            await platform.CatchUpSpeedAsync();
            await scene.AssertRightAsync("at first");
            return scene;
        }

        /// <summary>Has a job meet trouble, looks at what is left, and does it again.</summary>
        public async Task TryAsync(Job job, Trouble trouble)
        {
            _orders.Append(OrdersBetween);
            await _platform.CatchUpSpeedAsync();
            ChooseDeleted();
            LoggedOrder[] logged = [.. _orders.Logged];

            // Some jobs list but once or never; those that end before the trouble comes are tried with none.
            int at = Random.Next(1, trouble == Trouble.StaleListing ? MostListings : MostOperations);
            string place = $"seed {_seed}, {job} with {trouble} at operation {at}";
            using CancellationTokenSource stop = new();
            _storage.Order(trouble, at, stop);
            bool isDone = false;
            try
            {
                await DoAsync(job, stop.Token);
                isDone = job != Job.Verify || !_storage.HasCome;
            }
            catch (Exception error) when (error is IOException or HistoryException or OperationCanceledException)
            {
                Assert.True(_storage.HasCome, $"{place}: {error}");
                Assert.Equal(trouble is Trouble.CancelledBefore or Trouble.CancelledAfter, error is OperationCanceledException);
            }
            catch (Exception error)
            {
                Assert.Fail($"{place}: {error}");
            }

            _storage.Order(null, 0, stop);
            await AssertNothingHalfAsync(logged);
            if (Random.Next(2) == 0)
            {
                // Else the same process goes on with what it knows.
                _archive.Dispose();
                _archive = await _platform.OpenArchiveAsync();
            }

            // What said to be done has to be, whatever it met.
            if (!isDone || Random.Next(2) == 0)
            {
                await DoAsync(job, Cancellation);
            }

            await AssertRightAsync(place);
        }

        public async ValueTask DisposeAsync()
        {
            _archive.Dispose();
            await _platform.DisposeAsync();
        }

        private async Task DoAsync(Job job, CancellationToken stop)
        {
            HistoryMaintenance maintenance = new(_storage, _platform.Store, _later, Platform.Options, NullLogger<HistoryMaintenance>.Instance);
            switch (job)
            {
                case Job.Archive:
                    StreamArchiver archiver = new(_platform.Log, _platform.Store, Platform.Options, TimeProvider.System, _platform.Metrics);
                    await archiver.ArchiveAsync(_platform.Stream(_archive), await _platform.LogEndAsync(), stop);
                    break;
                case Job.RecomputeNew or Job.RecomputeAll:
                    await RecomputeAsync(job == Job.RecomputeAll ? RunScope.All : RunScope.New, stop);
                    break;
                case Job.Compact:
                    await maintenance.CompactAsync(_platform.Stream(), stop);
                    break;
                case Job.Vacuum:
                    _later.Advance(TimeSpan.FromDays(40));
                    await maintenance.VacuumAsync(_platform.Definition, VacuumMode.Delete, stop);
                    break;
                case Job.Verify:
                    VerifyResult verified = await maintenance.VerifyAsync(_platform.Definition, Orders.Partitions, HistoryPoint.Now, stop);

                    // It may not take a storage that fails for files that are damaged; of what it is given in part it cannot know better.
                    Assert.True(verified.Problems.Count == 0 || _storage.IsCut, $"seed {_seed}: {string.Join("\n", verified.Problems)}");
                    break;
                case Job.Delete:
                    DeletionResult deleted = await _platform.Deletion()
                        .RunAsync(_platform.Stream(_archive), $"id IN ({string.Join(", ", _deleted.Select(id => $"'{id}'"))})", DeletionMode.Delete, stop);
                    _orders.Logged.RemoveAll(placed => _deleted.Contains(placed.Order.Id) && placed.Offset < deleted.Below[placed.Partition]);
                    break;
            }
        }

        private async Task<RunResult> RecomputeAsync(RunScope scope, CancellationToken stop)
        {
            RunResult result = await _run.RunAsync(
                _platform.Stream(_archive),
                RunRequest.OnDemand with { Order = new BatchRunOrder(scope, RunPurpose.Publish) },
                new Progress<RunProgress>(),
                stop);
            Assert.True(result.Outcome == RunOutcome.Published, result.Message);
            return result;
        }

        /// <summary>A part of what there is, of several dates.</summary>
        private void ChooseDeleted() =>
            _deleted = [.. Enumerable.Range(0, 4).Select(_ => _orders.Logged[Random.Next(_orders.Logged.Count)].Order.Id)];

        /// <summary>What serves is a whole generation, whatever the job had come to.</summary>
        private async Task AssertNothingHalfAsync(IReadOnlyList<LoggedOrder> logged)
        {
            StreamStatus status = (await _platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!;
            await OracleTests.AssertViewsAsync(_platform, OrderOracle.Kept(logged, status.CurrentGeneration!.Boundary), _seed);
        }

        private async Task AssertRightAsync(string place)
        {
            RunResult result = await RecomputeAsync(RunScope.New, Cancellation);
            Assert.All(result.Report!.Checks, check => Assert.True(check.Verdict != CheckVerdict.Failed, $"{place}: {check.Message}"));
            Boundary boundary = await OracleTests.AssertServesOracleAsync(_platform, _orders, _seed);
            Assert.Equal(await _platform.LogEndAsync(), boundary);
            await DoAsync(Job.Verify, Cancellation);
        }
    }
}

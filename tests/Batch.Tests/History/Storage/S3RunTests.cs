using Lambda.Batch.History.Storage.S3;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Audit;
using Lambda.Batch.Tests.Recompute;
using Lambda.Batch.Tests.Recompute.Parts;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Quality;
using Lambda.Store;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.History.Storage;

/// <summary>Runs over a history in an object storage, as machines share it: cut into parts, and audited by a program that reads files of its own machine.</summary>
[Collection(nameof(SharedS3))]
public sealed class S3RunTests(SharedS3 server)
{
    private readonly string _prefix = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task A_run_in_parts_is_what_the_oracle_computes_and_leaves_nothing_behind()
    {
        int seed = Random.Shared.Next();
        using S3ObjectStorage storage = server.Open(_prefix);
        using S3ObjectStorage ofWorker = server.Open(_prefix, pageObjects: 3);
        Platform platform = await Platform.CreateAsync(Orders.Catalog(Orders.Moving), OracleTests.Starts(LogShape.Sparse), storage: storage);
        await using PartsPlatform parts = PartsPlatform.Over(platform, ofWorker);
        RandomOrders orders = new(seed, platform, LogShape.Sparse) { MostSecondsBetween = 1500, Placement = Placement.ByShop };
        BatchOptions options = Platform.Options with { PartEvents = 50 };

        // The first worker of the first part comes to nothing, so that it is handed out twice.
        ScriptedQueue queue = new(parts.Worker, (part, before) => part == 0 && before == 0 ? Fate.Fails : Fate.Done);
        RecomputeRun run = platform.Run(options: options, parts: parts.Gatherer(queue, options: options));
        for (int round = 0; round < 2; round++)
        {
            orders.Append(300);
            RunResult result = await platform.RecomputeAsync(run);

            string place = $"seed {seed}, round {round}";
            Assert.True(result.Outcome == RunOutcome.Published, $"{place}: {result.Message}");
            Assert.Equal(round > 0, result.CarriedFrom is not null);
            await OracleTests.AssertServesOracleAsync(platform, orders, seed);
            Assert.True(queue.HandedOut.Count > 1, $"{place}: {queue.HandedOut.Count} parts");
            Assert.Empty(await parts.RunFilesAsync());
        }

        Assert.True(queue.HandedOut[0] > 1, $"seed {seed}");
        Assert.Empty(queue.Refusals);
    }

    [Fact]
    public async Task Checks_of_data_find_what_they_find_in_files_of_a_folder()
    {
        using S3ObjectStorage storage = server.Open(_prefix);
        IReadOnlyList<CheckResult> here = await AuditAsync(null);
        IReadOnlyList<CheckResult> there = await AuditAsync(storage);

        Assert.Equal(DataCheckTests.Kinds.Keys.Order(), here.Select(check => check.Name).Order());
        foreach ((CheckResult wanted, CheckResult found) in here.Zip(there))
        {
            Assert.Equal(CheckVerdict.Failed, found.Verdict);
            Assert.Equal(
                (wanted.Name, wanted.Verdict, wanted.Expected, wanted.Observed, wanted.FailingRows), (found.Name, found.Verdict, found.Expected, found.Observed, found.FailingRows));
            Assert.Equal(wanted.SampleRows, found.SampleRows);
        }
    }

    /// <summary>What every kind of check says of good and bad parcels in files of two runs, which all of them fail.</summary>
    private static async Task<IReadOnlyList<CheckResult>> AuditAsync(S3ObjectStorage? storage)
    {
        FakeTimeProvider time = new(Parcel.Day.AddMinutes(30));
        await using Platform platform = await Platform.CreateAsync(
            Parcel.Catalog(stream =>
            {
                foreach (Func<Expectations<Parcel>, Expectation> kind in DataCheckTests.Kinds.Values)
                {
                    stream.Expect(kind, CheckSeverity.Warn);
                }
            }),
            time: time,
            storage: storage);
        platform.Append(0, Parcel.Usual.ToJson());
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        time.Advance(TimeSpan.FromHours(2));
        Parcel bad = Parcel.Of(9) with { Weight = 2, To = new Audit.Place("Bonn", 0), Price = 0.5m };
        platform.Append(1, bad.ToJson());
        platform.Append(1, (bad with { Id = Parcel.Of(10).Id, Code = "AB" }).ToJson());
        platform.Append(1, (bad with { Id = Parcel.Of(11).Id, Code = null, Size = null }).ToJson());
        RunResult result = await platform.RecomputeAsync();
        Assert.Equal(RunOutcome.Published, result.Outcome);
        return [.. result.Report!.Checks.Where(check => DataCheckTests.Kinds.ContainsKey(check.Name))];
    }
}

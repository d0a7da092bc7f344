using System.Globalization;
using Lambda.Batch.History;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.History.Storage;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Store.Postgres;
using Lambda.TestSupport.Postgres;
using Lambda.Time;
using Lambda.Views;
using Lambda.Views.Plans;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Lambda.Batch.Tests.Audit.DataCheckOracleTests;
using Placed = Lambda.Batch.Tests.Audit.DataCheckOracleTests.Placed;

namespace Lambda.Batch.Tests.Audit;

/// <summary>
/// Checks of runs that go on from the generation before must report what checks of runs over everything report, and both what a plain loop over the events
/// finds; whatever comes to the history, and whatever is done to it.
/// </summary>
public sealed class IncrementalCheckTests : IDisposable
{
    private const int Rounds = 4;
    private static readonly DateTimeOffset Now = Parcel.Day.AddDays(2);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Csv => Path.Combine(_folder.Path, "codes.csv");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Reports_are_those_of_runs_over_everything_and_of_a_loop(int seed)
    {
        await using Platform chain = await CreateAsync();
        await using Platform whole = await CreateAsync();
        await CompareAsync(seed, chain, whole);
    }

    [Fact]
    public async Task So_they_are_in_PostgreSQL()
    {
        Assert.SkipWhen(PostgresCluster.MissingReason is not null, PostgresCluster.MissingReason ?? "");
        await using PostgresCluster cluster = await PostgresCluster.StartAsync();
        PostgresViewStore store = await PostgresViewStore.OpenAsync(
            new PostgresStoreOptions { ConnectionString = cluster.ConnectionString(await cluster.CreateDatabaseAsync()) }, TimeProvider.System, Cancellation);
        await using Platform chain = await CreateAsync(store);
        await using Platform whole = await CreateAsync();
        await CompareAsync(7, chain, whole);
    }

    [Fact]
    public async Task Files_without_new_events_are_not_opened_where_bounds_tell_that_no_value_is_repeated()
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream
            .Expect(e => e.RowCount(1, 5)).Expect(e => e.Uniqueness(p => p.Id)).Expect(e => e.Uniqueness(p => new { p.Code, p.At }))
            .Expect(e => e.Uniqueness(p => p.Count)).Expect(e => e.Uniqueness(p => p.To!.Floor)).Expect(e => e.Anomaly(m => m.Events()))));
        for (int i = 1; i <= 3; i++)
        {
            platform.Append(i % Orders.Partitions, ParcelOf(i).ToJson());
        }

        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        foreach (string file in Directory.GetFiles(Path.Combine(platform.Folder, "history", Orders.Stream, "events"), "*.parquet", SearchOption.AllDirectories))
        {
            await File.WriteAllBytesAsync(file, new byte[new FileInfo(file).Length], Cancellation);
        }

        // Another day, so that nothing else has to read the files.
        Parcel next = ParcelOf(5_000);
        platform.Append(2, next.ToJson());
        RunResult result = await platform.RecomputeAsync();
        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Assert.Equal(4, result.Report!.Checks.Single(check => check.Name == "row count").Observed);
        Assert.All(result.Report.Checks, check => Assert.NotEqual(CheckVerdict.Failed, check.Verdict));

        // A range of it may have been changed, so that all is looked at again; and so it is where a floor lies within the bounds of what came before.
        await Assert.ThrowsAsync<HistoryException>(() => platform.RecomputeAsync(Of(new BatchRunOrder(RunScope.New, RunPurpose.Publish)
        {
            Range = new WindowRange(UtcMicroseconds.From(next.At), UtcMicroseconds.From(next.At.AddHours(1))),
        })));
        platform.Append(2, (ParcelOf(5_001) with { To = new Place("Ulm", 2) }).ToJson());
        await Assert.ThrowsAsync<HistoryException>(() => platform.RecomputeAsync());

        static Parcel ParcelOf(int number) => Parcel.Of(number) with { Count = number, To = new Place("Ulm", number) };
    }

    [Fact]
    public async Task What_a_blocked_generation_measured_is_not_gone_on_from()
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream
            .Expect(e => e.Range(p => p.Count, 0, 10)).Expect(e => e.Uniqueness(p => p.Hostile), CheckSeverity.Warn)));
        platform.Append(0, (Parcel.Of(1) with { Hostile = "a" }).ToJson());
        await platform.RecomputeAsync();
        platform.Append(0, (Parcel.Of(2) with { Count = 11, Hostile = "a" }).ToJson());
        List<(RunOutcome, long?, double?, double?)> ends = [];
        for (int i = 3; i <= 5; i++)
        {
            RunResult result = await platform.RecomputeAsync();
            ends.Add((result.Outcome, result.CarriedFrom, result.Report!.Checks[^2].Observed, result.Report.Checks[^1].Observed));
            platform.Append(0, (Parcel.Of(i) with { Hostile = $"{i}" }).ToJson());
        }

        Assert.All(ends, end => Assert.Equal((RunOutcome.Blocked, 1, 1, 1), end));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task The_newest_event_stays_the_newest_where_later_ones_are_late_or_none(int late)
    {
        await using Platform platform = await Platform.CreateAsync(
            Parcel.Catalog(stream => stream.Expect(e => e.Freshness(TimeSpan.FromDays(9)))), time: new FakeTimeProvider(Now));
        platform.Append(0, (Parcel.Of(1) with { At = Now.AddHours(-1) }).ToJson());
        await platform.RecomputeAsync();
        for (int i = 0; i < late; i++)
        {
            platform.Append(0, (Parcel.Of(2) with { At = Now.AddHours(-2) }).ToJson());
        }

        RunResult result = await platform.RecomputeAsync();

        Assert.Equal((1L, 3600.0), (result.CarriedFrom, result.Report!.Checks[^1].Observed));
    }

    [Fact]
    public async Task A_check_that_was_changed_is_measured_of_all_events()
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream
            .Expect(e => e.Range(p => p.Count, 0, 10), CheckSeverity.Warn).Expect(e => e.RowCount(1), CheckSeverity.Warn)));
        for (int i = 1; i <= 3; i++)
        {
            platform.Append(0, (Parcel.Of(i) with { Count = i, Hostile = "same" }).ToJson());
        }

        await platform.RecomputeAsync();
        platform.Append(1, (Parcel.Of(4) with { Count = 4, Hostile = "other" }).ToJson());
        StreamDefinition changed = Parcel.Catalog(stream => stream
            .Expect(e => e.RowCount(1), CheckSeverity.Warn).Expect(e => e.Range(p => p.Count, 0, 1), CheckSeverity.Warn)
            .Expect(e => e.Uniqueness(p => p.Hostile), CheckSeverity.Warn)).Streams[0];

        RunResult result = await platform.Run().RunAsync(
            new BatchStream(new StreamPlan(changed), Orders.Partitions, platform.Archive), RunRequest.OnDemand, new Progress<RunProgress>(), Cancellation);

        Assert.Equal(1, result.CarriedFrom);
        Assert.Equal([4.0, 3, 2], result.Report!.Checks.TakeLast(3).Select(check => check.Observed));
    }

    private async Task<Platform> CreateAsync(IViewStore? store = null)
    {
        StreamBuilder<Order> shops = new StreamBuilder<Order>("shops").EventTime(o => o.At).Partitions(1);
        StreamBuilder<Parcel> parcels = new StreamBuilder<Parcel>(Orders.Stream)
            .EventTime(p => p.At).EventId(p => p.Id).Partitions(Orders.Partitions).Check("ratio", p => p.Ratio >= 0);
        parcels.View("parcels").Window(Lambda.Windows.Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Parcels = a.Count() });
        await File.WriteAllTextAsync(Csv, "code\n", Cancellation);
        foreach (Asked asked in Ask(shops, [], []))
        {
            parcels.Expect(asked.Expect, CheckSeverity.Warn);
        }

        parcels
            .Expect(e => e.Drift(p => p.Code, atMost: 0.1, bins: 2, minimumEvents: 5), CheckSeverity.Warn)
            .Expect(e => e.Anomaly(m => m.Events(), deviations: 1, minimumPoints: 2), CheckSeverity.Warn)
            .Expect(e => e.Anomaly(m => m.Completeness(p => p.Code), deviations: 1, minimumPoints: 2), CheckSeverity.Warn)
            .Expect(e => e.Anomaly(m => m.Minimum(p => p.Price), deviations: 1, minimumPoints: 2), CheckSeverity.Warn)
            .Expect(e => e.Anomaly(m => m.DistinctValues(p => p.Code), deviations: 1, minimumPoints: 2), CheckSeverity.Warn);
        return await Platform.CreateAsync(Catalog.Build([parcels, shops]), time: new FakeTimeProvider(Now), store: store);
    }

    /// <summary>Checks with a plain loop for each; those of references against what is in the sets when they are judged.</summary>
    private List<Asked> Ask(StreamBuilder<Order> stream, HashSet<string> shops, HashSet<string> codes) =>
    [
        new(e => e.RowCount(20, 150), NoRows, (rows, _) => (rows.Count is >= 20 and <= 150, rows.Count)),
        Complete(e => e.Completeness(p => p.Code, 0.95), 0.95, p => p.Code is not null),
        Complete(e => e.Completeness(p => p.To!.City, 0.7), 0.7, p => p.To?.City is not null),
        Unique(e => e.Uniqueness(p => p.Id), p => p.Id),
        Unique(e => e.Uniqueness(p => p.At), p => p.At),
        Unique(e => e.Uniqueness(p => p.Hostile), p => p.Hostile),
        Unique(e => e.Uniqueness(p => p.Count), p => p.Count),
        Unique(e => e.Uniqueness(p => p.Price), p => p.Price),
        Unique(e => e.Uniqueness(p => p.Ratio), p => p.Ratio),
        Unique(e => e.Uniqueness(p => new { p.Code, p.At }), p => p.Code is null ? null : (p.Code, p.At)),
        Unique(e => e.Uniqueness(p => new { p.To!.City, p.Hostile, p.Due }), p => p is { To.City: { } city, Hostile: { } text, Due: { } due } ? (city, text, due) : null),
        Each(e => e.Range(p => p.Price, 0m, 200m), p => p.Price is < 0m or > 200m),
        Each(e => e.Range(p => p.At, Parcel.Day, Now), p => p.At < Parcel.Day || p.At > Now),
        Each(e => e.AllowedValues(p => p.Code, "ABC", "XYZ"), p => p.Code is not (null or "ABC" or "XYZ")),
        Each(e => e.AllowedValues(p => p.Fragile, false), p => p.Fragile),
        Each(e => e.Pattern(p => p.Code, "[A-Z]{3}"), p => p.Code is { } code && !(code.Length == 3 && code.All(char.IsAsciiLetterUpper))),
        new(
            e => e.Freshness(TimeSpan.FromHours(45)),
            rows => [.. rows.Where(row => row.Parcel.At == rows.Max(other => other.Parcel.At))],
            (rows, _) => (Now - rows.Max(row => row.Parcel.At) <= TimeSpan.FromHours(45), (Now - rows.Max(row => row.Parcel.At)).TotalSeconds)),
        Each(e => e.Sql("fragile ones of Bonn", "SELECT * FROM events WHERE fragile AND \"to\".city = 'Bonn' ORDER BY _partition, _offset"),
            p => p is { Fragile: true, To.City: "Bonn" }),
        Each(e => e.References(p => p.Code, stream, o => o.Shop), p => p.Code is { } code && !shops.Contains(code)),
        Each(e => e.ReferencesFile(p => p.Code, Csv, "code"), p => p.Code is { } code && !codes.Contains(code)),
    ];

    private async Task CompareAsync(int seed, Platform chain, Platform whole)
    {
        Random random = new(seed);
        Platform[] both = [chain, whole];
        HashSet<string> shops = [];
        HashSet<string> codes = [];
        List<Asked> asked = Ask(new StreamBuilder<Order>("shops"), shops, codes);
        RandomParcels parcels = new(random, both, trouble: seed % 3 == 0 ? 0 : 0.03 * (seed % 3));
        await AddShopAsync("ABC");
        WriteCodes("ABC", "XYZ");
        int carried = 0;
        int failed = 0;
        for (int round = 0; round < Rounds; round++)
        {
            parcels.Append(round == 0 ? 40 : random.Next(0, 25));
            RunRequest request = RunRequest.OnDemand;
            string done = "";
            switch (round == 0 ? 0 : random.Next(8))
            {
                case 1:
                    done = "compacted";
                    LocalObjectStorage storage = new(Path.Combine(chain.Folder, "history"));
                    await new HistoryMaintenance(storage, chain.Store, TimeProvider.System, Platform.Options, NullLogger<HistoryMaintenance>.Instance)
                        .CompactAsync(chain.Stream(), Cancellation);
                    break;
                case 2:
                    done = "a range of it";
                    request = Of(new BatchRunOrder(RunScope.New, RunPurpose.Publish)
                    {
                        Range = new WindowRange(UtcMicroseconds.From(Parcel.Day), UtcMicroseconds.From(Parcel.Day.AddHours(random.Next(1, 9)))),
                    });
                    break;
                case 3 when round > 1:
                    done = "rolled back";
                    foreach (Platform platform in both)
                    {
                        IReadOnlyList<GenerationInfo> known = await platform.Store.ReadGenerationsAsync(Orders.Stream, 100, Cancellation);
                        await platform.Run().RollBackAsync(
                            platform.Stream(), known.Where(info => info.State == GenerationState.Superseded).Max(info => info.Generation), Cancellation);
                    }

                    break;
                case 4:
                    done = "deleted";
                    int number = random.Next(20);
                    foreach (Platform platform in both)
                    {
                        await platform.DeleteAsync($"count = {number.ToString(CultureInfo.InvariantCulture)}");
                    }

                    parcels.Delete(parcel => parcel.Count == number);
                    break;
                case 5:
                    done = "other references";
                    await AddShopAsync("XYZ");
                    WriteCodes(((string[][])[[], ["XYZ"], ["ABC", "XYZ", "abc"]])[random.Next(3)]);
                    break;
                case 6:
                    done = "rehearsed";
                    foreach (Platform platform in both)
                    {
                        await platform.RecomputeAsync(Of(new BatchRunOrder(RunScope.New, RunPurpose.Rehearse)));
                    }

                    break;
                default:
                    break;
            }

            BatchOptions options = Platform.Options with { ArchiveRunRecords = random.Next(5, 100), Workers = random.Next(1, 3) };
            RunResult some = await chain.RecomputeAsync(request, options);
            RunResult all = await whole.RecomputeAsync(Of(new BatchRunOrder(RunScope.All, RunPurpose.Publish)), options);
            string place = $"seed {seed}, round {round} {done} (went on: {some.CarriedFrom})";
            Assert.True((some.Outcome, all.Outcome) == (RunOutcome.Published, RunOutcome.Published), $"{place}: {some.Message} {all.Message}");
            carried += some.CarriedFrom is null ? 0 : 1;
            IReadOnlyList<CheckResult> have = [.. some.Report!.Checks.TakeLast(chain.Definition.DataChecks.Count)];
            IReadOnlyList<CheckResult> want = [.. all.Report!.Checks.TakeLast(chain.Definition.DataChecks.Count)];
            Assert.Equal(want.Select(Text), have.Select(Text));
            for (int i = 0; i < asked.Count; i++)
            {
                List<Placed> failing = asked[i].Failing(parcels.Counted);
                (bool isMet, double? observed) = asked[i].Judge(parcels.Counted, failing);
                string because = $"{place}, {have[i].Name}: {have[i].Message} Oracle: {observed}";
                Assert.True(isMet == (have[i].Verdict == CheckVerdict.Passed), because);
                Assert.True(Math.Abs(observed!.Value - have[i].Observed!.Value) < 1e-9, because);
                failed += isMet ? 0 : 1;
            }

            string Text(CheckResult check) =>
                $"{place}\n{check.Name} {check.Severity} {check.Verdict} {check.Observed:R} {check.FailingRows} {check.Message} {check.Expected}\n"
                + string.Join('\n', check.SampleRows);
        }

        Assert.True(carried > 0, $"seed {seed}: no run went on from the one before.");
        Assert.True(seed % 3 == 0 || failed > 0, $"seed {seed}: no check failed.");

        async Task AddShopAsync(string shop)
        {
            shops.Add(shop);
            foreach (Platform platform in both)
            {
                await platform.ArchiveOtherAsync("shops", new Order(shop, Orders.Day, shop, 1, 1, 1));
            }
        }

        void WriteCodes(params string[] values)
        {
            codes.Clear();
            codes.UnionWith(values);
            File.WriteAllText(Csv, $"code\n{string.Join('\n', values)}\n");
        }
    }

    private static RunRequest Of(BatchRunOrder order) => RunRequest.OnDemand with { Order = order };

    /// <summary>Parcels that pass most checks, and among them, as often as told, some that do not; appended to several logs alike.</summary>
    private sealed class RandomParcels(Random random, IReadOnlyList<Platform> platforms, double trouble)
    {
        private readonly List<(int Partition, Parcel Parcel)> _sent = [];
        private int _next;

        /// <summary>Those that count, in the order of the log.</summary>
        public List<Placed> Counted { get; } = [];

        public void Append(int count)
        {
            for (int i = 0; i < count; i++)
            {
                int number = ++_next;
                Parcel parcel = new(
                    new Guid(number, 0, 0, new byte[8]),
                    Parcel.Day.AddMinutes((number * 7) + random.Next(7)).AddDays(random.Next(12) == 0 ? -1 : 0),
                    random.Next(2) == 0 ? "ABC" : "XYZ",
                    Size.Small,
                    1.5m,
                    random.Next(4) == 0 ? null : number + 0.10m,
                    random.NextDouble(),
                    number,
                    false,
                    new DateOnly(2024, 5, 9),
                    random.Next(8) == 0 ? null : new Place("Ulm", 1),
                    random.Next(2) == 0 ? $"{number:D5}" : $"{random.Next(10)}-{number}",
                    null);
                Send(random.Next(Orders.Partitions), Troubled(parcel));
                if (random.Next(10) == 0)
                {
                    (int before, Parcel repeated) = _sent[random.Next(_sent.Count)];
                    Send(random.Next(4) == 0 ? random.Next(Orders.Partitions) : before, repeated);
                }

                if (random.Next(20) == 0)
                {
                    int partition = random.Next(Orders.Partitions);
                    foreach (Platform platform in platforms)
                    {
                        platform.Append(partition, "no JSON"u8.ToArray());
                    }
                }
            }
        }

        public void Delete(Func<Parcel, bool> match)
        {
            Counted.RemoveAll(row => match(row.Parcel));
            _sent.RemoveAll(sent => match(sent.Parcel));
        }

        private Parcel Troubled(Parcel parcel)
        {
            Parcel other = _sent.Count == 0 ? parcel : _sent[random.Next(_sent.Count)].Parcel;
            parcel = random.Next(8) == 0 ? parcel with { Ratio = -1 } : parcel;

            // One that was refused comes again, corrected: its values may stand in both.
            if (other.Ratio < 0 && random.Next(2) == 0)
            {
                parcel = other with { At = other.At.AddMicroseconds(_next), Ratio = random.NextDouble(), Count = parcel.Count };
            }

            return random.NextDouble() >= trouble ? parcel : random.Next(9) switch
            {
                0 => parcel with { Id = other.Id },
                1 => parcel with { At = other.At },
                2 => parcel with { Hostile = other.Hostile },
                3 => parcel with { Count = other.Count },
                4 => parcel with { Price = other.Price * 1.000m },
                5 => parcel with { Code = null, Price = 201m },
                6 => parcel with { Code = "abc" },
                7 => parcel with { Fragile = true, To = new Place("Bonn", 1) },
                _ => parcel with { At = Parcel.Day.AddDays(-2), Ratio = other.Ratio },
            };
        }

        private void Send(int partition, Parcel parcel)
        {
            bool isRepeated = _sent.Any(sent => (sent.Parcel.Id, sent.Parcel.At) == (parcel.Id, parcel.At));
            long offset = 0;
            foreach (Platform platform in platforms)
            {
                offset = platform.Append(partition, parcel.ToJson());
            }

            _sent.Add((partition, parcel));
            if (!isRepeated && parcel.Ratio >= 0)
            {
                Counted.Add(new Placed(partition, offset, parcel));
            }
        }
    }
}

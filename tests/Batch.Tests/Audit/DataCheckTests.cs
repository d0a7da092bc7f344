using System.Text.Json;
using Lambda.Batch.Audit.Data;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Views;
using Microsoft.Extensions.Time.Testing;

namespace Lambda.Batch.Tests.Audit;

/// <summary>Checks as their users meet them: what blocks, what warns, what stops a start.</summary>
public sealed class DataCheckTests : IDisposable
{
    internal static readonly Dictionary<string, Func<Expectations<Parcel>, Expectation>> Kinds = new()
    {
        ["row count"] = e => e.RowCount(1, 1),
        ["completeness of code"] = e => e.Completeness(p => p.Code, 1),
        ["uniqueness of code and size"] = e => e.Uniqueness(p => new { p.Code, p.Size }),
        ["range of weight"] = e => e.Range(p => p.Weight, 1.5m, 1.5m),
        ["allowed values of to.city"] = e => e.AllowedValues(p => p.To!.City, "Ulm"),
        ["pattern of code"] = e => e.Pattern(p => p.Code, "[A-Z]{3}"),
        ["freshness"] = e => e.Freshness(TimeSpan.FromHours(1)),
        ["cheap ones"] = e => e.Sql("cheap ones", "SELECT _partition, _offset, price FROM events WHERE price::DECIMAL(9, 2) < 1"),
    };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, CheckSeverity> KindsAndSeverities => [.. Kinds.Keys.SelectMany(kind =>
        new[] { (kind, CheckSeverity.Block), (kind, CheckSeverity.Warn) }.Select(pair => new TheoryDataRow<string, CheckSeverity>(pair.kind, pair.Item2)))];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(KindsAndSeverities))]
    public async Task What_fails_blocks_or_warns_and_a_block_leaves_the_generation_before(string kind, CheckSeverity severity)
    {
        FakeTimeProvider time = new(Parcel.Day.AddMinutes(30));
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream.Expect(Kinds[kind], severity)), time: time);
        platform.Append(0, Parcel.Usual.ToJson());
        RunResult good = await platform.RecomputeAsync();
        Assert.True(good.Outcome == RunOutcome.Published, good.Message);
        Assert.Equal(AuditOutcome.Passed, good.Report!.Outcome);

        time.Advance(TimeSpan.FromHours(1));
        Parcel bad = Parcel.Of(9) with { Weight = 2, To = new Place("Bonn", 0), Price = 0.5m };
        platform.Append(1, bad.ToJson());
        platform.Append(1, (bad with { Id = Parcel.Of(10).Id, Code = "AB" }).ToJson());
        platform.Append(1, (bad with { Id = Parcel.Of(11).Id, Code = null, Size = null }).ToJson());

        RunResult result = await platform.RecomputeAsync();

        CheckResult check = result.Report!.Checks.Single(check => check.Name == kind);
        Assert.Equal((severity, CheckVerdict.Failed), (check.Severity, check.Verdict));
        Assert.NotNull(check.Expected);
        Assert.Equal(kind != "row count", check.SampleRows.Count > 0);
        Assert.All(check.SampleRows, row => Assert.Contains("\"_offset\":", row, StringComparison.Ordinal));
        Assert.Equal(severity == CheckSeverity.Block ? RunOutcome.Blocked : RunOutcome.Published, result.Outcome);
        long served = (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration!.Generation;
        Assert.Equal(severity == CheckSeverity.Block ? good.Generation : result.Generation, served);
        Assert.Equal(severity == CheckSeverity.Block ? 1 : 4, (await platform.BatchAsync(platform.Definition.Views[0])).Sum(row => row.EventCount));
        AuditReport stored = (await platform.Store.ReadAuditsAsync(Orders.Stream, 1, Cancellation))[0];
        CheckResult kept = stored.Checks.Single(check => check.Name == kind);
        Assert.Equal((check.Expected, check.FailingRows, check.Observed), (kept.Expected, kept.FailingRows, kept.Observed));
        Assert.Equal(check.SampleRows, kept.SampleRows);
    }

    [Fact]
    public async Task A_stream_that_goes_silent_is_found_not_to_be_fresh_although_nothing_is_new()
    {
        FakeTimeProvider time = new(Parcel.Day.AddMinutes(30));
        await using Platform platform = await Platform.CreateAsync(
            Parcel.Catalog(stream => stream.Expect(e => e.Freshness(TimeSpan.FromHours(1)), CheckSeverity.Warn)), time: time);
        platform.Append(0, Parcel.Usual.ToJson());
        RecomputeRun run = platform.Run();
        List<RunOutcome> outcomes = [];
        List<CheckVerdict> verdicts = [];
        for (int minutes = 0; minutes <= 70; minutes += 10)
        {
            RunResult result = await run.RunAsync(platform.Stream(), RunRequest.Scheduled, new Progress<RunProgress>(), Cancellation);
            outcomes.Add(result.Outcome);
            verdicts.Add(result.Report!.Checks.Single(check => check.Name == "freshness").Verdict);
            time.Advance(TimeSpan.FromMinutes(10));
        }

        // Twice an hour there is a run all the same.
        Assert.Equal(3, outcomes.Count(outcome => outcome == RunOutcome.Published));
        Assert.Equal(5, outcomes.Count(outcome => outcome == RunOutcome.UpToDate));
        Assert.Equal((CheckVerdict.Passed, CheckVerdict.Failed), (verdicts[0], verdicts[^1]));
    }

    [Fact]
    public async Task A_reference_holds_values_against_another_stream_and_against_files()
    {
        string csv = Path.Combine(_folder.Path, "o'codes.csv");
        await File.WriteAllTextAsync(csv, "name,\"the code\"\nx,007\ny,ABC\n", Cancellation);
        string parquet = Path.Combine(_folder.Path, "counts.parquet");
        Duck.Query($"SELECT 1", $"COPY (SELECT 3::BIGINT AS n UNION ALL SELECT NULL) TO '{parquet}' (FORMAT parquet)");
        StreamBuilder<Order> shops = new StreamBuilder<Order>("shops").EventTime(o => o.At).Partitions(1);
        StreamBuilder<Parcel> parcels = new StreamBuilder<Parcel>(Orders.Stream)
            .EventTime(p => p.At).Partitions(Orders.Partitions)
            .Expect(e => e.ReferencesFile(p => p.Code, csv, "the code"), CheckSeverity.Warn)
            .Expect(e => e.ReferencesFile(p => p.Count, parquet, "n"), CheckSeverity.Warn)
            .Expect(e => e.References(p => p.To!.City, shops, o => o.Shop), CheckSeverity.Warn)
            .Expect(e => e.References(p => p.Price, shops, o => o.Price), CheckSeverity.Warn);
        await using Platform platform = await Platform.CreateAsync(Catalog.Build([parcels, shops]));
        await platform.ArchiveOtherAsync("shops", new Order("1", Orders.Day, "Ulm", 1, 1, 2.5m), new Order("2", Orders.Day, "Köln", 1, 1, null));
        platform.Append(0, Parcel.Of(1).ToJson());
        platform.Append(0, (Parcel.Of(2) with { Code = "007", To = new Place("Köln", 1) }).ToJson());
        platform.Append(2, (Parcel.Of(3) with { Code = "7", Count = 4, To = new Place("Koln", 1), Price = 2.51m }).ToJson());
        platform.Append(2, (Parcel.Of(4) with { Code = null, Count = null, To = null, Price = null }).ToJson());

        RunResult result = await platform.RecomputeAsync();

        IReadOnlyList<CheckResult> checks = [.. result.Report!.Checks.TakeLast(4)];
        Assert.Equal(
            ["reference of code to the code in o'codes.csv", "reference of count to n in counts.parquet", "reference of to.city to shops.shop",
                "reference of price to shops.price"],
            checks.Select(check => check.Name));
        Assert.All(checks, check => Assert.Equal((CheckVerdict.Failed, 1L), (check.Verdict, check.FailingRows)));
        Assert.All(checks, check => Assert.Contains("\"_partition\":2,\"_offset\":0,", Assert.Single(check.SampleRows), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_is_not_another_one_that_its_name_would_stand_for_as_a_pattern()
    {
        string csv = Path.Combine(_folder.Path, "codes[1].csv");
        await File.WriteAllTextAsync(csv, $"code\n{Parcel.Of(1).Code}\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "codes1.csv"), "code\nXYZ\n", Cancellation);
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream.Expect(e => e.ReferencesFile(p => p.Code, csv, "code"))));
        platform.Append(0, Parcel.Of(1).ToJson());

        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
    }

    [Fact]
    public async Task What_a_reference_to_a_file_has_blocked_is_judged_again_on_schedule_when_that_is_written_to()
    {
        string csv = Path.Combine(_folder.Path, "codes.csv");
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream.Expect(e => e.ReferencesFile(p => p.Code, csv, "code"))));
        await AssertJudgedAgainAsync(
            platform,
            () => File.WriteAllTextAsync(csv, "code\nXYZ\n", Cancellation),
            () => File.AppendAllTextAsync(csv, $"{Parcel.Of(1).Code}\n", Cancellation));
    }

    [Fact]
    public async Task What_a_reference_to_a_stream_has_blocked_is_judged_again_on_schedule_when_that_has_new_events()
    {
        StreamBuilder<Order> shops = new StreamBuilder<Order>("shops").EventTime(o => o.At).Partitions(1);
        StreamBuilder<Parcel> parcels = new StreamBuilder<Parcel>(Orders.Stream)
            .EventTime(p => p.At).Partitions(Orders.Partitions).Expect(e => e.References(p => p.To!.City, shops, o => o.Shop));
        await using Platform platform = await Platform.CreateAsync(Catalog.Build([parcels, shops]));
        await AssertJudgedAgainAsync(
            platform,
            () => Task.CompletedTask,
            () => platform.ArchiveOtherAsync("shops", new Order("1", Orders.Day, Parcel.Of(1).To!.City!, 1, 1, 1)));
    }

    [Fact]
    public async Task A_file_that_is_gone_at_the_audit_fails_its_check_and_no_other()
    {
        string csv = Path.Combine(_folder.Path, "codes.csv");
        await File.WriteAllTextAsync(csv, "code\nABC\n", Cancellation);
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream
            .Expect(e => e.ReferencesFile(p => p.Code, csv, "code")).Expect(e => e.RowCount(1))));
        platform.Append(0, Parcel.Of(1).ToJson());
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        File.Delete(csv);
        platform.Append(0, Parcel.Of(2).ToJson());

        RunResult result = await platform.RecomputeAsync();

        Assert.Equal(RunOutcome.Blocked, result.Outcome);
        Assert.Contains($"There is no file '{csv}'", result.Message, StringComparison.Ordinal);
        Assert.Equal(CheckVerdict.Passed, result.Report!.Checks.Single(check => check.Name == "row count").Verdict);
    }

    [Fact]
    public async Task A_query_that_fails_on_the_data_fails_its_check_and_no_other()
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream
            .Expect(e => e.Sql("numbers", "SELECT * FROM events WHERE code::INTEGER > 3"), CheckSeverity.Warn)
            .Expect(e => e.Sql("no number", "SELECT 'nan'::DOUBLE AS x, repeat('ü', 9000) AS y"), CheckSeverity.Warn)
            .Expect(e => e.Sql("long", "SELECT _offset, repeat('ü', 9000) AS y FROM events"), CheckSeverity.Warn)
            .Expect(e => e.RowCount(1))));
        platform.Append(0, Parcel.Of(1).ToJson());

        RunResult result = await platform.RecomputeAsync();

        Assert.Equal((RunOutcome.Published, AuditOutcome.Warned), (result.Outcome, result.Report!.Outcome));
        IReadOnlyList<CheckResult> checks = [.. result.Report.Checks.TakeLast(4)];
        Assert.Equal(
            [CheckVerdict.Failed, CheckVerdict.Failed, CheckVerdict.Failed, CheckVerdict.Passed], checks.Select(check => check.Verdict));
        Assert.Contains("could not be applied", checks[0].Message, StringComparison.Ordinal);
        Assert.All(checks.SelectMany(check => check.SampleRows), row =>
        {
            using JsonDocument document = JsonDocument.Parse(row);
            Assert.InRange(row.Length, 2, 25_000);
        });
        Assert.Contains("\"_offset\":0", Assert.Single(checks[2].SampleRows), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "look-around", "Stream 'orders', check 'pattern of code': " },
        { "open bracket", "Stream 'orders', check 'pattern of code': " },
        { "no file", "Stream 'orders', check 'reference of code to code in missing.csv': There is no file 'missing.csv'" },
        { "no column", "Stream 'orders', check 'reference of code to other in codes.csv': " },
        { "no relation", "Stream 'orders', check 'q': " },
        { "no member", "Stream 'orders', check 'q': " },
        { "two statements", "Stream 'orders', check 'q': the query is not one SELECT" },
        { "no question", "Stream 'orders', check 'q': the query cannot be read" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_check_stops_the_start(string what, string message)
    {
        string csv = Path.Combine(_folder.Path, "codes.csv");
        await File.WriteAllTextAsync(csv, "code\nABC\n", Cancellation);
        StreamDefinition stream = Parcel.Catalog(declared => declared.Expect(e => what switch
        {
            "look-around" => e.Pattern(p => p.Code, "(?=A)ABC"),
            "open bracket" => e.Pattern(p => p.Code, "(A"),
            "no file" => e.ReferencesFile(p => p.Code, "missing.csv", "code"),
            "no column" => e.ReferencesFile(p => p.Code, csv, "other"),
            "no relation" => e.Sql("q", "SELECT * FROM event"),
            "no member" => e.Sql("q", "SELECT * FROM events WHERE colour = 1"),
            "two statements" => e.Sql("q", "SELECT 1; SELECT 2"),
            _ => e.Sql("q", "DROP VIEW events"),
        })).Streams[0];

        DefinitionException error = await Assert.ThrowsAsync<DefinitionException>(() => CheckTrial.RunAsync(stream, Cancellation));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_to_a_stream_of_another_application_is_refused()
    {
        StreamBuilder<Order> other = new StreamBuilder<Order>("elsewhere").EventTime(o => o.At);

        DefinitionException error = Assert.Throws<DefinitionException>(
            () => Parcel.Catalog(stream => stream.Expect(e => e.References(p => p.Code, other, o => o.Shop))));

        Assert.Contains("Stream 'orders', check 'reference of code to elsewhere.shop'", error.Message, StringComparison.Ordinal);
    }

    // An expression that takes for ever in engines that backtrack.
    [Fact]
    public async Task A_hostile_text_and_pattern_take_no_longer_than_others()
    {
        await using Platform platform = await Platform.CreateAsync(Parcel.Catalog(stream => stream.Expect(e => e.Pattern(p => p.Code, "(a+)+(b+)+c"))));
        platform.Append(0, (Parcel.Of(1) with { Code = new string('a', 200_000) + "!" }).ToJson());

        RunResult result = await platform.RecomputeAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        CheckResult check = result.Report!.Checks.Single(check => check.Name == "pattern of code");
        Assert.Equal(CheckVerdict.Failed, check.Verdict);
        Assert.Contains("\"_offset\":0", Assert.Single(check.SampleRows), StringComparison.Ordinal);
        Assert.InRange(check.SampleRows[0].Length, 2, 4_000);
    }

    private static async Task AssertJudgedAgainAsync(Platform platform, Func<Task> writeOthers, Func<Task> writeMissing)
    {
        platform.Append(0, Parcel.Of(1).ToJson());
        RecomputeRun run = platform.Run();
        await writeOthers();
        Assert.Equal(RunOutcome.Blocked, (await ScheduledAsync()).Outcome);
        Assert.Equal(RunOutcome.UpToDate, (await ScheduledAsync()).Outcome);
        await writeMissing();

        Assert.Equal(RunOutcome.Published, (await ScheduledAsync()).Outcome);
        Assert.Equal(RunOutcome.UpToDate, (await ScheduledAsync()).Outcome);

        Task<RunResult> ScheduledAsync() => run.RunAsync(platform.Stream(), RunRequest.Scheduled, new Progress<RunProgress>(), Cancellation);
    }
}

using DuckDB.NET.Data;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Contents;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Time;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute.Contents;

/// <summary>A generation that serves is held against what was published; that one is as it was after any runs, <see cref="CarryOverTests"/> ask.</summary>
public class GenerationVerifierTests
{
    private static readonly RunRequest Everything = RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Publish) };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_said_of_what_is_not_there_or_not_known()
    {
        await using Platform platform = await Platform.CreateAsync();
        Assert.Equal(VerifyOutcome.NothingPublished, (await VerifyAsync(platform)).Outcome);

        platform.Append(0, new Order("a", Orders.Day, "ams", 20, 1, 1));
        await platform.RecomputeAsync();
        Damage(platform, "DELETE FROM generation_bases");
        VerifiedGeneration unknown = await VerifyAsync(platform);
        Assert.Equal((1L, VerifyOutcome.NotKnown), (unknown.Generation, unknown.Outcome));
    }

    [Theory]
    [InlineData("UPDATE {0} SET events = events + 1 WHERE generation = 1 AND k0 = 'ber'", true)]
    [InlineData("UPDATE {0} SET s0 = s0 + 1 WHERE generation = 1 AND k0 = 'ber'", true)]
    [InlineData("DELETE FROM {0} WHERE k0 = 'ber'", true)]
    [InlineData("INSERT INTO {0} SELECT * FROM {0} WHERE k0 = 'ber'", true)]
    [InlineData("UPDATE {0} SET s0 = s0 + 1 WHERE k0 = 'nowhere'", false)]
    public async Task What_is_not_in_the_store_as_it_was_published_is_found_and_a_run_over_everything_puts_it_right(string damage, bool isOne)
    {
        await using Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();
        platform.Append(0, new Order("a", Orders.Day, "ams", 20, 1, 1));
        platform.Append(1, new Order("b", Orders.Day, "ber", 20, 1, 1));
        platform.Append(1, new Order("c", Orders.Day.AddDays(-2), "ams", 20, 1, 1));
        await platform.CatchUpSpeedAsync();
        RunResult first = await platform.RecomputeAsync();
        VerifiedGeneration published = await VerifyAsync(platform);
        Assert.Equal((first.Generation, VerifyOutcome.AsPublished), (published.Generation, published.Outcome));
        Assert.True(published.Partials >= 3);

        string view = platform.Definition.Views[0].Name;
        Damage(platform, string.Format(null, damage, TableOf(platform, view)));
        VerifiedGeneration found = await VerifyAsync(platform);
        Assert.Equal(isOne ? VerifyOutcome.Damaged : VerifyOutcome.AsPublished, found.Outcome);
        if (isOne)
        {
            ContentDamage one = Assert.Single(found.Damages);
            long day = UtcMicroseconds.FromDateTime(Orders.Day.Date);
            Assert.Equal((view, day), (one.View, one.From));
            Assert.NotEqual(one.Published, one.Found);
        }

        // A new event of that day has its windows compared.
        platform.Append(0, new Order("d", Orders.Day, "ams", 20, 1, 1));
        await platform.CatchUpSpeedAsync();
        RunResult second = await platform.RecomputeAsync(Everything);

        Assert.Equal(RunOutcome.Published, second.Outcome);
        CheckResult explained = second.Report!.Checks.Single(check => check.Name == "explained corrections");
        if (explained.Verdict == CheckVerdict.Failed)
        {
            Assert.Equal(CheckSeverity.Warn, explained.Severity);
            Assert.Contains("Generation 1 is not in the store as it was published", explained.Message, StringComparison.Ordinal);
        }

        Assert.Equal(damage.Contains("events", StringComparison.Ordinal), explained.Verdict == CheckVerdict.Failed && damage.StartsWith("UPDATE", StringComparison.Ordinal));
        Assert.Equal(VerifyOutcome.AsPublished, (await VerifyAsync(platform)).Outcome);
    }

    [Fact]
    public async Task Damage_of_more_windows_than_are_kept_in_memory_is_put_right_too()
    {
        string[] shops = ["ams", "ber", "cph", "dub"];
        await using Platform platform = await Platform.CreateAsync();
        await platform.StartSpeedAsync();
        for (int round = 0; round < 2; round++)
        {
            foreach (string shop in shops)
            {
                platform.Append(0, new Order($"{shop} {round}", Orders.Day.AddHours(round), shop, 20, 1, 1));
            }

            await platform.CatchUpSpeedAsync();
            if (round == 0)
            {
                await platform.RecomputeAsync();
                Damage(platform, $"UPDATE {TableOf(platform, platform.Definition.Views[0].Name)} SET events = events + 1 WHERE generation = 1");
            }
        }

        RunResult second = await platform.RecomputeAsync(Everything, Platform.Options with { KeptCorrections = 1 });

        Assert.True(second.Outcome == RunOutcome.Published, second.Message);
        CheckResult explained = second.Report!.Checks.Single(check => check.Name == "explained corrections");
        Assert.Equal((CheckVerdict.Failed, CheckSeverity.Warn, shops.Length), (explained.Verdict, explained.Severity, (int)explained.Observed!));
    }

    // Their version is one, as it tells how they are declared; what was kept of them had been added up as one.
    [Fact]
    public async Task Views_that_are_declared_alike_are_verified_each_and_damage_of_one_is_found()
    {
        await using Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => Array.ForEach(["one", "other"], name => stream.View(name)
            .GroupBy(o => o.Shop).Window(Tumbling.Every(TimeSpan.FromHours(3))).Aggregate(a => new { Orders = a.Count() }))));
        Assert.Equal(platform.Catalog.FindView("one")!.Layout.Version, platform.Catalog.FindView("other")!.Layout.Version);
        await platform.StartSpeedAsync();
        for (int run = 0; run < 3; run++)
        {
            platform.Append(0, new Order($"{run}", Orders.Day, "ams", 20, 1, 1));
            await platform.CatchUpSpeedAsync();
            await platform.RecomputeAsync();
            Assert.Equal(VerifyOutcome.AsPublished, (await VerifyAsync(platform)).Outcome);
        }

        Damage(platform, $"UPDATE {TableOf(platform, "other")} SET events = events + 1");
        Assert.Equal(["other"], (await VerifyAsync(platform)).Damages.Select(damage => damage.View));
    }

    private static async Task<VerifiedGeneration> VerifyAsync(Platform platform) => await new GenerationVerifier(platform.Store).RunAsync(
        platform.Definition, (await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration, Cancellation);

    private static string TableOf(Platform platform, string view) => $"batch_{Execute(platform, $"SELECT id FROM view_versions WHERE view_name = '{view}'")}";

    private static void Damage(Platform platform, string sql) => Execute(platform, sql);

    private static object? Execute(Platform platform, string sql)
    {
        using DuckDBConnection connection = new($"DataSource={Path.Combine(platform.Folder, "store", "views.duckdb")}");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}

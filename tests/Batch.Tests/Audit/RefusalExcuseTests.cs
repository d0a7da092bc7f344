using System.Linq.Expressions;
using Lambda.Batch.Archive;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Jobs;
using Lambda.Quality;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Plans;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Audit;

/// <summary>
/// Programs that refuse other records than the ones before them: a view that threw for an event was mended, or a new one throws. The event then counts in all views or in none, and publications were
/// blocked for good by views that had not changed.
/// </summary>
public class RefusalExcuseTests
{
    private const long Broken = 7;

    private static readonly Expression<Func<Order, bool>> Throws = order => 1000 / (order.Amount - Broken) != 5000;
    private static readonly Expression<Func<Order, bool>> Mended = order => order.Amount != Broken;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Layers.BatchAndSpeed)]
    [InlineData(Layers.Batch)]
    public async Task An_event_that_counts_when_a_view_was_mended_does_not_block(Layers layers)
    {
        await using Platform platform = await Platform.CreateAsync(CatalogOf(Throws));
        long refused = await AppendAsync(platform, layers);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        Assert.Equal(1, await CountAsync(platform));

        RunResult result = await RunAsync(platform, CatalogOf(Mended));

        AssertExcused(result, $"the one at offset {refused} of partition 0 was refused, and is not now", layers);
        Assert.Equal(2, await CountAsync(platform));
        RunResult again = await RunAsync(platform, CatalogOf(Mended), RunScope.All);
        Assert.True(again.Outcome == RunOutcome.Published, again.Message);
    }

    [Theory]
    [InlineData(Layers.BatchAndSpeed)]
    [InlineData(Layers.Batch)]
    public async Task An_event_that_a_new_view_throws_for_does_not_block_and_is_quarantined(Layers layers)
    {
        await using Platform platform = await Platform.CreateAsync(CatalogOf(null));
        long refused = await AppendAsync(platform, layers);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        Assert.Equal(2, await CountAsync(platform));

        RunResult result = await RunAsync(platform, CatalogOf(Throws));

        AssertExcused(result, $"the one at offset {refused} of partition 0 is refused now, and was not", layers);
        Assert.Equal(1, await CountAsync(platform));
        Assert.Equal(RejectReason.ExpressionFailed, (await platform.Store.FindQuarantinedAsync(Orders.Stream, 0, refused, Cancellation))?.Reason);

        RunResult mended = await RunAsync(platform, CatalogOf(Mended));
        Assert.True(mended.Outcome == RunOutcome.Published, mended.Message);
        Assert.Equal(2, await CountAsync(platform));
    }

    [Fact]
    public async Task A_record_that_the_speed_layer_decodes_by_later_rules_does_not_block()
    {
        await using Platform platform = await Platform.CreateAsync(CatalogOf(null));
        Catalog later = CatalogOf(null, TimeSpan.FromHours(3));
        platform.Append(0, New("a", 20));
        platform.Append(0, New("ahead", 20) with { At = Lambda.Time.UtcMicroseconds.ToDateTime(Platform.Appended).AddHours(2) });
        StreamArchiver archiver = new(platform.Log, platform.Store, Platform.Options, TimeProvider.System, platform.Metrics);
        Assert.Equal(1, (await archiver.ArchiveAsync(platform.Stream(), await platform.LogEndAsync(), Cancellation)).Rejected);
        SpeedDriver speed = await SpeedDriver.ClaimAsync(new StreamPlan(later.Streams[0]), platform.Log, platform.Store, 0, Cancellation);
        await speed.StepAsync(10, EpochEnd.Seal, Cancellation);

        RunResult result = await RunAsync(platform, later);

        AssertExcused(result, "the one at offset 1 of partition 0 is refused now, and was not", Layers.BatchAndSpeed);
    }

    [Fact]
    public async Task A_difference_blocks_though_records_are_refused_as_before()
    {
        await using Platform platform = await Platform.CreateAsync(CatalogOf(Throws));
        await AppendAsync(platform, Layers.BatchAndSpeed);

        RunResult result = await platform.RecomputeAsync(platform.Run(new TamperedSpeed(platform.Store, "by_shop", "ams").Wrap()));

        Assert.Equal(RunOutcome.Blocked, result.Outcome);
        Assert.Contains("conservation of by_shop", result.Message, StringComparison.Ordinal);
    }

    private static void AssertExcused(RunResult result, string reason, Layers layers)
    {
        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        string[] checks = layers == Layers.Batch ? ["explained corrections"] : ["conservation of by_shop", "explained corrections"];
        CheckResult[] warned = [.. result.Report!.Checks.Where(check => check.Verdict == CheckVerdict.Failed)];
        Assert.Equal(checks, warned.Select(check => check.Name));
        Assert.All(warned, check => Assert.Equal(CheckSeverity.Warn, check.Severity));
        Assert.All(warned, check => Assert.Contains(reason, check.Message, StringComparison.Ordinal));
    }

    /// <summary>Appends an event that counts and one that <see cref="Throws"/> throws for, whose offset is returned.</summary>
    private static async Task<long> AppendAsync(Platform platform, Layers layers)
    {
        platform.Append(0, New("a", 20));
        long refused = platform.Append(0, New("b", Broken));
        if (layers == Layers.BatchAndSpeed)
        {
            await platform.StartSpeedAsync();
            await platform.CatchUpSpeedAsync();
        }

        return refused;
    }

    private static Order New(string id, long amount) => new(id, Orders.Day, "ams", amount, 1, 1);

    private static async Task<long> CountAsync(Platform platform) => (await platform.BatchAsync(platform.Definition.Views[0])).Sum(row => row.EventCount);

    /// <summary>Runs as the batch process of another program does.</summary>
    private static async Task<RunResult> RunAsync(Platform platform, Catalog program, RunScope scope = RunScope.New)
    {
        StreamDefinition stream = program.Streams[0];
        await platform.Store.RegisterAsync(new StreamRegistration(Orders.Stream, Orders.Partitions, [.. stream.Views.Select(view => view.Layout)]), Cancellation);
        return await platform.Run().RunAsync(
            new BatchStream(new StreamPlan(stream), Orders.Partitions, platform.Archive),
            RunRequest.OnDemand with { Order = new BatchRunOrder(scope, RunPurpose.Publish) },
            new Progress<RunProgress>(),
            Cancellation);
    }

    /// <summary>A view that never changes, and one beside it with a filter, if there is one.</summary>
    private static Catalog CatalogOf(Expression<Func<Order, bool>>? filter, TimeSpan? ahead = null)
    {
        StreamBuilder<Order> stream = new StreamBuilder<Order>(Orders.Stream)
            .EventTime(o => o.At).EventId(o => o.Id).PartitionBy(o => o.Shop).Partitions(Orders.Partitions).MaxFutureSkew(ahead ?? TimeSpan.FromHours(1));
        stream.View("by_shop").GroupBy(o => o.Shop).Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Orders = a.Count() });
        if (filter is not null)
        {
            stream.View("filtered").Where(filter).Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Orders = a.Count() });
        }

        return Lambda.Definition.Catalog.Build([stream]);
    }

    public enum Layers
    {
        BatchAndSpeed,
        Batch,
    }
}

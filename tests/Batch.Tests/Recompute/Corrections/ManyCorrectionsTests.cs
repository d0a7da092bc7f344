using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Views;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute.Corrections;

/// <summary>Of many corrections few are in memory at a time, and all are published.</summary>
public sealed class ManyCorrectionsTests
{
    private static readonly BatchOptions Few = Platform.Options with { KeptCorrections = 2 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task As_many_are_published_however_few_are_kept(int seed)
    {
        await using Platform all = await CreateAsync();
        await using Platform few = await CreateAsync();
        RandomOrders[] orders = [new(seed, all), new(seed, few)];
        for (int round = 0; round < 3; round++)
        {
            foreach (RandomOrders some in orders)
            {
                some.Append(150);
            }

            await all.CatchUpSpeedAsync();
            await few.CatchUpSpeedAsync();
            RunRequest request = RunRequest.OnDemand with { Order = new BatchRunOrder(round == 1 ? RunScope.All : RunScope.New, RunPurpose.Publish) };
            RunResult ofAll = await RunAsync(all, Platform.Options, request);
            RunResult ofFew = await RunAsync(few, Few, request);

            string name = $"seed {seed}, round {round}";
            Assert.True(ofAll is { Outcome: RunOutcome.Published, Corrections: > 10 }, $"{name}: {ofAll.Corrections} corrections. {ofAll.Message}");
            Assert.Equal((ofAll.Outcome, ofAll.Corrections, 2), (ofFew.Outcome, ofFew.Corrections, ofFew.Changes.Count));
            IReadOnlyList<string> published = await CorrectionsAsync(all);
            Assert.True(published.SequenceEqual(await CorrectionsAsync(few)), name);
            Assert.True(ofAll.Corrections <= published.Count, name);
        }
    }

    [Fact]
    public async Task A_run_that_is_only_looked_at_writes_none()
    {
        await using Platform platform = await CreateAsync();
        new RandomOrders(3, platform).Append(300);
        await platform.CatchUpSpeedAsync();

        RunResult looked = await RunAsync(platform, Few, RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Rehearse) });

        Assert.True(looked is { Outcome: RunOutcome.Rehearsed, Corrections: > 10, Changes.Count: 2 }, $"{looked.Corrections} corrections. {looked.Message}");
        Assert.Empty(await CorrectionsAsync(platform));
        Assert.Equal(looked.Corrections, (await RunAsync(platform, Few, RunRequest.OnDemand)).Corrections);
        Assert.Equal(looked.Corrections, (await CorrectionsAsync(platform)).Count);
    }

    private static async Task<Platform> CreateAsync()
    {
        Platform platform = await Platform.CreateAsync(Orders.Catalog(stream =>
        {
            Orders.Moving(stream);
            stream.View("visits").GroupBy(o => o.Shop).Window(Session.WithGap(TimeSpan.FromMinutes(3))).Aggregate(a => new { Orders = a.Count() });
            stream.View("threes").GroupBy(o => o.Shop).Window(Count.Of(3, TimeSpan.FromHours(1))).Aggregate(a => new { Orders = a.Count(), Amount = a.Sum(o => o.Amount) });
        }));
        await platform.StartSpeedAsync();
        return platform;
    }

    private static Task<RunResult> RunAsync(Platform platform, BatchOptions options, RunRequest request) =>
        platform.Run(options: options).RunAsync(platform.Stream(), request, new Progress<RunProgress>(), Cancellation);

    private static async Task<IReadOnlyList<string>> CorrectionsAsync(Platform platform)
    {
        List<string> all = [];
        foreach (ViewDefinition view in platform.Definition.Views)
        {
            all.AddRange((await platform.Store.ReadCorrectionsAsync(view.Layout, WindowRange.All, int.MaxValue, Cancellation))
                .Select(published => $"{published.Generation} {published.Correction}"));
        }

        return all;
    }
}

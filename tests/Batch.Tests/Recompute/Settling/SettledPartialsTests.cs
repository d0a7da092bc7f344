using Lambda.Batch.Archive;
using Lambda.Batch.Recompute;
using Lambda.Batch.Recompute.Settling;
using Lambda.Batch.Tests.Recompute.Parts;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute.Settling;

/// <summary>What is let go while a history is read, and what is left in the end, are together what is computed with everything kept.</summary>
public class SettledPartialsTests
{
    public static TheoryData<int, LogShape> Seeds => [.. Enumerable.Range(1, 4).Select(seed => (seed, seed % 2 == 0 ? LogShape.Sparse : LogShape.Dense))];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Partials_let_go_early_are_those_that_are_kept_to_the_end_whatever_the_number_of_workers(int seed, LogShape shape)
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(seed, shape, catalog: RichViews.Catalog(AcrossDates));
        StreamPlan plan = platform.Platform.Plan;
        Random random = new(seed);
        IArchiveSnapshot archive = await platform.PinAsync();
        ArchiveRange all = new(null, archive.End);
        IReadOnlyList<string> expected = new CollectedPartials(plan).With((await platform.AtOnceAsync(archive, all)).Partials);
        for (int workers = 1; workers <= 3; workers++)
        {
            CollectedPartials sink = new(plan);
            int rows = random.Next(1, 120);

            // With nothing worth keeping, texts and keys are forgotten whenever partials leave.
            SettledPartials settled = new(plan, sink, rows, archive.FindFloors()) { MuchForTexts = random.Next(2) * (1L << 20) };

            Computation computed = await ComputeAsync(platform, archive, settled, workers);

            string name = $"seed {seed}, {workers} workers, {rows} rows, {settled.MuchForTexts} bytes of texts";
            Assert.True(sink.Count > 1000, $"{name}: {sink.Count} partials were let go.");
            PartsTests.Same(name, expected, sink.With(computed.Partials, settled.FindMoved()));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Parts_that_are_gathered_in_any_order_let_go_the_same(int seed)
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(seed, catalog: RichViews.Catalog(AcrossDates));
        StreamPlan plan = platform.Platform.Plan;
        IArchiveSnapshot archive = await platform.PinAsync();
        ArchiveRange all = new(null, archive.End);
        IReadOnlyList<string> expected = new CollectedPartials(plan).With((await platform.AtOnceAsync(archive, all)).Partials);
        CollectedPartials sink = new(plan);
        SettledPartials settled = new(plan, sink, 30, archive.FindFloors()) { MuchForTexts = (seed - 1) * (1L << 20) };

        // The run itself computes the second part in the end, when others have been added.
        ScriptedQueue queue = new(platform.Worker, (part, _) => part == 1 ? Fate.Fails : Fate.Done);
        ComputedDates computed = await platform.Gatherer(queue).RunAsync(
            platform.Stream, archive, all, PartsPlatform.ByDate(archive), settled.Open(), new Progress<RunProgress>(), Cancellation);

        Assert.True(sink.Batches > 20, $"seed {seed}: {sink.Batches} batches");
        PartsTests.Same($"seed {seed}", expected, sink.With(computed.Partials, settled.FindMoved()));
    }

    /// <summary>The run that gathers parts sees all keys of a history, each of its workers only some.</summary>
    [Fact]
    public async Task Keys_are_forgotten_whose_partials_have_left_a_run_in_parts()
    {
        await using PartsPlatform platform = await PartsPlatform.CreateAsync(9, catalog: Orders.Catalog(stream => stream
            .View("by_id").GroupBy(o => o.Id).Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Orders = a.Count() })));
        IArchiveSnapshot archive = await platform.PinAsync();

        long left = await KeyBytesAsync(muchForTexts: 0);
        long all = await KeyBytesAsync(muchForTexts: long.MaxValue / 2);

        Assert.True(left < all / 2, $"{left} of {all} bytes");

        async Task<long> KeyBytesAsync(long muchForTexts)
        {
            StreamPlan plan = platform.Platform.Plan;
            SettledPartials settled = new(plan, new CollectedPartials(plan), 30, archive.FindFloors()) { MuchForTexts = muchForTexts };
            ScriptedQueue queue = new(platform.Worker, (_, _) => Fate.Done);
            ComputedDates computed = await platform.Gatherer(queue).RunAsync(
                platform.Stream, archive, new ArchiveRange(null, archive.End), PartsPlatform.ByDate(archive), settled.Open(), new Progress<RunProgress>(), Cancellation);
            return computed.Partials.KeyByteCount;
        }
    }

    [Fact]
    public async Task Partials_in_memory_follow_what_is_open_and_not_the_length_of_the_history()
    {
        (long shortHeld, int shortAll) = await MeasureAsync(orders: 1500);
        (long longHeld, int longAll) = await MeasureAsync(orders: 6000);

        Assert.True(longAll > 2.5 * shortAll, $"{longAll} partials, {shortAll} of the shorter history");
        Assert.True(longHeld < 1.3 * shortHeld, $"{longHeld} partials were held of {longAll}, and {shortHeld} of {shortAll} of the shorter history.");
        Assert.True(longHeld < longAll / 8, $"{longHeld} partials were held of {longAll}.");

        static async Task<(long Held, int All)> MeasureAsync(int orders)
        {
            await using PartsPlatform platform = await PartsPlatform.CreateAsync(3, orders: orders, repeatedAmong: 200, catalog: Orders.Catalog(stream =>
            {
                Orders.Moving(stream);
                AcrossDates(stream);
            }));
            CollectedPartials sink = new(platform.Platform.Plan);
            IArchiveSnapshot archive = await platform.PinAsync();
            SettledPartials settled = new(platform.Platform.Plan, sink, rowsAtOnce: 10, archive.FindFloors());
            Computation computed = await ComputeAsync(platform, archive, settled, workers: 1);
            return (settled.MostHeld, sink.With(computed.Partials).Count);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(9)]
    public async Task A_run_whose_writes_fail_while_it_reads_leaves_nothing_behind(int taken)
    {
        await using PartsPlatform parts = await PartsPlatform.CreateAsync(5, catalog: Orders.Catalog(Orders.Moving));
        Platform platform = parts.Platform;
        RunResult first = await platform.RecomputeAsync();
        Assert.Equal(RunOutcome.Published, first.Outcome);
        RunRequest all = RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Publish) };

        ViewStoreException error = await Assert.ThrowsAsync<ViewStoreException>(() => platform
            .Run(RefusedWrites.Over(platform.Store, taken)).RunAsync(platform.Stream(), all, new Progress<RunProgress>(), Cancellation));

        Assert.Equal("The disk is full.", error.Message);
        GenerationInfo only = Assert.Single(await platform.Store.ReadGenerationsAsync(Orders.Stream, int.MaxValue, Cancellation));
        Assert.Equal((first.Generation, GenerationState.Current), (only.Generation, only.State));
        foreach (ViewDefinition view in platform.Definition.Views)
        {
            await foreach (PartialBatch partials in platform.Store.ReadGenerationAsync(view.Layout, first.Generation!.Value + 1, PartialKind.Kept, WindowRange.All, KeyPiece.All, Cancellation))
            {
                Assert.Equal(0, partials.Count);
            }
        }

        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync(all)).Outcome);
    }

    /// <summary>Views whose windows lie across the dates of a history, from a few hours to weeks.</summary>
    private static void AcrossDates(StreamBuilder<Order> stream)
    {
        stream.View("weeks").GroupBy(o => o.Shop).Window(Tumbling.Weekly(TimeZoneInfo.FindSystemTimeZoneById("America/New_York"), DayOfWeek.Sunday))
            .Aggregate(a => new { Orders = a.Count(), Weight = a.Sum(o => o.Weight) });
        stream.View("nights").GroupBy(o => o.Amount).Window(Tumbling.Every(TimeSpan.FromHours(7)))
            .Aggregate(a => new { Orders = a.Count(), First = a.First(o => o.Id) });
        stream.View("shifts").GroupBy(o => o.Amount).Window(Session.WithGap(TimeSpan.FromHours(9)))
            .Aggregate(a => new { Orders = a.Count(), Ids = a.CollectSet(o => o.Id, 3) });
        stream.View("seasons").GroupBy(o => o.Amount).Window(Session.WithGap(TimeSpan.FromHours(60)))
            .Aggregate(a => new { Orders = a.Count(), Last = a.Last(o => o.Id) });
        stream.View("pairs").GroupBy(o => new { o.Shop, o.Amount }).Window(Count.Of(2, timeout: TimeSpan.FromHours(30)))
            .Aggregate(a => new { Orders = a.Count(), Ids = a.CollectSet(o => o.Id, 3) });
        stream.View("dozens").GroupBy(o => o.Shop).Window(Count.Of(12, timeout: TimeSpan.FromHours(2))).Aggregate(a => new { Orders = a.Count(), Weight = a.Sum(o => o.Weight) });
    }

    private static Task<Computation> ComputeAsync(PartsPlatform platform, IArchiveSnapshot archive, SettledPartials settled, int workers) => Computation.RunAsync(
        platform.Platform.Plan, archive, new ArchiveRange(null, archive.End), Platform.Options with { Workers = workers }, settled, new Progress<double>(), Cancellation);
}

using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Windows;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>Windows of three orders of a shop, at positions partition/offset, with their orders and the sum of their amounts.</summary>
public class CountWindowTests
{
    private const string View = "runs";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>
    /// <code>
    /// offset     0   1   2   3   4   5   6          repetition of 0 at 2: without it every window behind begins elsewhere
    /// amount     1   2   1 | 4   5   6 | 9          as read
    /// amount     1   2       4 | 5   6   9          without the repetition
    /// </code>
    /// </summary>
    [Fact]
    public async Task A_removed_repetition_moves_the_windows_behind_it_and_explains_them_all()
    {
        await using Platform platform = await CreateAsync();
        await RepeatAsync(platform, "ams");
        platform.Append(1, Of("x", "ber", 0, 8));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync();

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Assert.Equal(
            [
                "0/0 {\"orders\":3,\"amount\":4} -> {\"orders\":3,\"amount\":7} duplicates 1",
                "0/3 {\"orders\":3,\"amount\":15} ->  duplicates 1",
                "0/4  -> {\"orders\":3,\"amount\":20} duplicates 1",
                "0/6 {\"orders\":1,\"amount\":9} ->  duplicates 1",
            ],
            await CorrectionsAsync(platform));
        Assert.Equal(["0/0 3", "0/4 3", "1/0 1"], await WindowsAsync(platform));
    }

    [Fact]
    public async Task What_an_earlier_generation_removed_is_no_reason_again_and_its_open_window_goes_on()
    {
        await using Platform platform = await CreateAsync();
        await RepeatAsync(platform, "ams");
        platform.Append(0, Of("g", "ams", 7, 10));
        await platform.CatchUpSpeedAsync();
        await platform.RecomputeAsync();
        int before = (await CorrectionsAsync(platform)).Count;
        platform.Append(0, Of("h", "ams", 8, 11));
        platform.Append(0, Of("i", "ams", 9, 12));
        platform.Append(0, Of("j", "ams", 10, 14));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync();

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Assert.Equal(before, (await CorrectionsAsync(platform)).Count);
        Assert.Equal(["0/0 3", "0/4 3", "0/7 3", "0/10 1"], await WindowsAsync(platform));
    }

    [Theory]
    [InlineData("ams")]
    [InlineData("ber")]
    public async Task What_only_one_layer_has_is_not_explained_by_what_was_removed(string tampered)
    {
        await using Platform platform = await CreateAsync();
        await RepeatAsync(platform, "ams");
        platform.Append(1, Of("x", "ber", 0, 8));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync(platform.Run(new TamperedSpeed(platform.Store, View, tampered).Wrap()));

        Assert.Equal(RunOutcome.Blocked, result.Outcome);
        Assert.Equal(CheckVerdict.Failed, result.Report!.Checks.Single(check => check.Name == $"conservation of {View}").Verdict);
        Assert.Equal(CheckVerdict.Failed, result.Report.Checks.Single(check => check.Name == "explained corrections").Verdict);
        Assert.Equal(CheckVerdict.Passed, result.Report.Checks.Single(check => check.Name == "conservation of by_shop").Verdict);
    }

    /// <summary>What is served of the shop is the same, and without its repetition what was read is not.</summary>
    [Fact]
    public async Task A_removed_event_that_a_generation_has_lost_is_found_though_no_result_changes()
    {
        await using Platform platform = await CreateAsync();
        await RepeatAsync(platform, "ams");
        await platform.CatchUpSpeedAsync();
        RunResult first = await platform.RecomputeAsync();
        platform.Append(1, Of("x", "ber", 0, 8));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.Run(ForgottenReads.Of(platform.Store, first.Generation!.Value)).RunAsync(
            platform.Stream(),
            RunRequest.OnDemand with { Order = new BatchRunOrder(RunScope.All, RunPurpose.Rehearse) },
            new Progress<RunProgress>(),
            Cancellation);

        Assert.NotEmpty(result.Changes);
        Assert.All(result.Changes, change => Assert.Equal((View, "{\"shop\":\"ams\"}", change.Before), (change.View, change.Key, change.After)));
        Assert.Contains(result.Changes, change => change.Reasons.Unexplained == 1);
        Assert.Equal(CheckVerdict.Failed, result.Report!.Checks.Single(check => check.Name == $"conservation of {View}").Verdict);
    }

    [Fact]
    public async Task A_key_of_which_nothing_is_left_is_explained_too()
    {
        await using Platform platform = await CreateAsync();
        platform.Append(0, Of("a", "ams", 0, -1));
        platform.Append(0, Of("b", "ams", 1, -2));
        await platform.CatchUpSpeedAsync();

        RunResult result = await platform.RecomputeAsync();

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Assert.Equal(["0/0 {\"orders\":2,\"amount\":-3} ->  quarantined 2"], await CorrectionsAsync(platform));
        Assert.Empty(await WindowsAsync(platform));
    }

    [Fact]
    public async Task A_run_whose_partials_outgrow_their_bound_stops_and_says_what_to_do()
    {
        await using Platform platform = await CreateAsync();
        platform.Append(0, Of("a", "ams", 0, 1));
        await platform.CatchUpSpeedAsync();

        BatchException error = await Assert.ThrowsAsync<BatchException>(
            () => platform.RecomputeAsync(platform.Run(options: Platform.Options with { MaxPartialBytes = 1000 })));

        Assert.Contains("stream 'orders'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Set MaxPartialBytes", error.Message, StringComparison.Ordinal);
        Assert.Null((await platform.Store.ReadStreamAsync(Orders.Stream, Cancellation))!.CurrentGeneration);
    }

    /// <summary>With the newest day first in the log, an event that is still to be read may come before any that was.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_is_held_of_all_dates_is_bounded_too(int workers)
    {
        BatchOptions options = Platform.Options with { MaxPartialBytes = workers * 150_000, Workers = workers };
        await using Platform inOrder = await CreateAsync();
        await using Platform reversed = await CreateAsync();
        for (int day = 0; day < 30; day++)
        {
            for (int place = 0; place < 100; place++)
            {
                inOrder.Append(0, Of($"{day} {place}", "ams", (day * 1440) + (place * 10), 1));
                reversed.Append(0, Of($"{day} {place}", "ams", ((29 - day) * 1440) + (place * 10), 1));
            }
        }

        await inOrder.CatchUpSpeedAsync();
        await reversed.CatchUpSpeedAsync();

        RunResult result = await inOrder.RecomputeAsync(inOrder.Run(options: options));
        BatchException error = await Assert.ThrowsAsync<BatchException>(() => reversed.RecomputeAsync(reversed.Run(options: options)));

        Assert.True(result.Outcome == RunOutcome.Published, result.Message);
        Assert.Contains("Set MaxPartialBytes", error.Message, StringComparison.Ordinal);
    }

    private static async Task<Platform> CreateAsync()
    {
        Platform platform = await Platform.CreateAsync(Orders.Catalog(stream => stream.View(View)
            .GroupBy(o => o.Shop).Window(Count.Of(3, timeout: TimeSpan.FromHours(1)))
            .Aggregate(a => new { Orders = a.Count(), Amount = a.Sum(o => o.Amount) })));
        await platform.StartSpeedAsync();
        return platform;
    }

    private static async Task RepeatAsync(Platform platform, string shop)
    {
        foreach ((string id, int minute, long amount) in new[] { ("a", 0, 1L), ("b", 1, 2), ("a", 0, 1), ("c", 3, 4), ("d", 4, 5), ("e", 5, 6), ("f", 6, 9) })
        {
            platform.Append(0, Of(id, shop, minute, amount));
            await platform.SpeedAsync(0, 1, minute == 4 ? EpochEnd.Seal : EpochEnd.KeepOpen);
        }
    }

    private static Order Of(string id, string shop, int minute, long amount) => new(id, Orders.Day.AddMinutes(minute), shop, amount, 1, 1);

    private static async Task<IReadOnlyList<string>> CorrectionsAsync(Platform platform)
    {
        IReadOnlyList<PublishedCorrection> published = await platform.Store.ReadCorrectionsAsync(
            platform.Definition.Views.Single(view => view.Name == View).Layout, WindowRange.All, 100, Cancellation);
        return
        [
            .. published.Select(entry => entry.Correction).OrderBy(correction => correction.First).Select(correction =>
                $"{correction.First!.Value.Partition}/{correction.First.Value.Offset} {correction.Before} -> {correction.After} "
                + (correction.Reasons.Duplicates > 0 ? $"duplicates {correction.Reasons.Duplicates}" : $"quarantined {correction.Reasons.Quarantined}")),
        ];
    }

    private static async Task<IReadOnlyList<string>> WindowsAsync(Platform platform) =>
    [
        .. (await platform.BatchAsync(platform.Definition.Views.Single(view => view.Name == View))).OrderBy(row => row.Address.First)
            .Select(row => $"{row.Address.First!.Value.Partition}/{row.Address.First.Value.Offset} {row.EventCount}"),
    ];
}

using System.Globalization;
using System.Text.Json;
using Lambda.Batch.Archive;
using Lambda.Batch.History.Maintenance;
using Lambda.Batch.Recompute;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Plans;
using Lambda.Windows;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lambda.Batch.Tests.Recompute;

/// <summary>An event type gets a member while there is a past: what is served of it stays what it was, however files of before and after lie.</summary>
public sealed class EvolutionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal sealed record Sale(string Id, DateTime At, string Shop, long Amount);

    internal sealed record NotedSale(string Id, DateTime At, string Shop, long Amount, string? Note);

    [Fact]
    public async Task A_member_that_is_added_changes_no_result_of_before_and_counts_from_then_on()
    {
        Random random = new(17);
        await using Platform platform = await Platform.CreateAsync(Before());
        Catalog changed = After();
        StreamDefinition after = changed.Streams[0];
        List<NotedSale> sales = [];
        Append(platform, sales, random, 60, isNoted: false);
        Assert.Equal(RunOutcome.Published, (await platform.RecomputeAsync()).Outcome);
        IReadOnlyList<string> first = await ServedAsync(platform, platform.Definition.Views[0]);
        Assert.Equal(Expected(sales, note: false), first);

        // As a process does that is started with the new type. Of another name, it makes another version of the view, which takes over when it is whole.
        await platform.Store.RegisterAsync(
            new StreamRegistration(Orders.Stream, Orders.Partitions, [.. after.Views.Select(view => view.Layout)]) { Starts = platform.Starts }, Cancellation);
        foreach (RunScope scope in (RunScope[])[RunScope.New, RunScope.New, RunScope.All, RunScope.New])
        {
            using IStreamArchive archive = await HistoryArchive.OpenAsync(platform.Storage, after, platform.Starts, TimeProvider.System, Cancellation);
            BatchStream stream = new(new StreamPlan(after), Orders.Partitions, archive);
            Append(platform, sales, random, 20, isNoted: true);

            RunResult result = await platform.Run().RunAsync(
                stream, RunRequest.OnDemand with { Order = new BatchRunOrder(scope, RunPurpose.Publish) }, new Progress<RunProgress>(), Cancellation);

            Assert.True(result.Outcome == RunOutcome.Published, result.Message);
            Assert.Equal(Expected(sales, note: false), await ServedAsync(platform, changed.FindView("by_shop")));
            Assert.Equal(Expected(sales, note: true), await ServedAsync(platform, changed.FindView("by_note")));
            await new HistoryMaintenance(platform.Storage, platform.Store, TimeProvider.System, Platform.Options, NullLogger<HistoryMaintenance>.Instance)
                .CompactAsync(stream, Cancellation);
        }
    }

    private static void Append(Platform platform, List<NotedSale> sales, Random random, int count, bool isNoted)
    {
        for (int i = 0; i < count; i++)
        {
            NotedSale sale = new(
                $"s{sales.Count}", Orders.Day.AddMinutes(random.Next(3000)), $"shop {random.Next(3)}", random.Next(100), isNoted && random.Next(3) > 0 ? $"n{random.Next(2)}" : null);
            sales.Add(sale);
            platform.Append(random.Next(Orders.Partitions), isNoted
                ? JsonSerializer.SerializeToUtf8Bytes(sale, JsonSerializerOptions.Web)
                : JsonSerializer.SerializeToUtf8Bytes(new Sale(sale.Id, sale.At, sale.Shop, sale.Amount), JsonSerializerOptions.Web));
        }
    }

    private static IReadOnlyList<string> Expected(List<NotedSale> sales, bool note) =>
    [
        .. sales.GroupBy(sale => (Key: note ? sale.Note : sale.Shop, Hour: sale.At.AddMinutes(-sale.At.Minute)))
            .Select(group => Text(group.Key.Key, Lambda.Time.UtcMicroseconds.FromDateTime(group.Key.Hour), group.Count(), group.Sum(sale => sale.Amount)))
            .Order(StringComparer.Ordinal),
    ];

    private static async Task<IReadOnlyList<string>> ServedAsync(Platform platform, ViewDefinition? view) =>
    [
        .. (await platform.BatchAsync(view!)).Select(row => Text(row.Key.Parts[0], row.Start, row.Results[0], row.Results[1])).Order(StringComparer.Ordinal),
    ];

    private static string Text(params object?[] values) => string.Join('|', values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)));

    private static Catalog Before()
    {
        StreamBuilder<Sale> stream = new StreamBuilder<Sale>(Orders.Stream).EventTime(s => s.At).EventId(s => s.Id).PartitionBy(s => s.Shop).Partitions(Orders.Partitions);
        stream.View("by_shop").GroupBy(s => s.Shop).Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Sales = a.Count(), Amount = a.Sum(s => s.Amount) });
        return Catalog.Build([stream]);
    }

    private static Catalog After()
    {
        StreamBuilder<NotedSale> stream = new StreamBuilder<NotedSale>(Orders.Stream)
            .EventTime(s => s.At).EventId(s => s.Id).PartitionBy(s => s.Shop).Partitions(Orders.Partitions);
        stream.View("by_shop").GroupBy(s => s.Shop).Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Sales = a.Count(), Amount = a.Sum(s => s.Amount) });
        stream.View("by_note").GroupBy(s => s.Note).Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Sales = a.Count(), Amount = a.Sum(s => s.Amount) });
        return Catalog.Build([stream]);
    }
}

using System.Net;
using System.Text.Json;
using Lambda.Definition;
using Lambda.Serving.Tests.Running;
using Lambda.Store;
using Lambda.Windows;

namespace Lambda.Serving.Tests.Api;

public class AggregatorErrorTests
{
    [Theory]
    [InlineData(true, "View 'delays', aggregate 'own': GetResult of its aggregator threw")]
    [InlineData(false, "A result of type System.Func`1[System.Int64] cannot be shown")]
    public async Task What_is_wrong_with_an_aggregator_is_answered(bool throws, string reason)
    {
        // JSON has nothing for its results.
        OwnSum<Func<long>> unshown = new("unshown", sum => throws && sum > 0 ? throw new InvalidOperationException("no result") : () => sum);
        StreamBuilder<Flight> flights = new StreamBuilder<Flight>(Sample.Stream).EventTime(f => f.Date).PartitionBy(f => f.Origin).Partitions(1);
        flights.View(Sample.View).Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Own = a.Custom(unshown, f => f.Delay) });
        await using ServingApp app = await ServingApp.StartAsync(Catalog.Build([flights]));
        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, [Sample.Flight(0, "ATL", 1, 1)]);

        JsonElement problem = await app.GetAsync($"/api/views/{Sample.View}", HttpStatusCode.InternalServerError);

        Assert.StartsWith(reason, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("parquet")]
    [InlineData("arrow")]
    public async Task A_result_of_more_digits_than_a_binary_format_has_is_refused_and_not_cut(string format)
    {
        OwnSum<Int128> widest = new("widest", _ => Int128.MaxValue);
        StreamBuilder<Flight> flights = new StreamBuilder<Flight>(Sample.Stream).EventTime(f => f.Date).PartitionBy(f => f.Origin).Partitions(1);
        flights.View(Sample.View).Window(Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Own = a.Custom(widest, f => f.Delay) });
        await using ServingApp app = await ServingApp.StartAsync(Catalog.Build([flights]));
        await app.Layers.SpeedAsync(EpochEnd.KeepOpen, [Sample.Flight(0, "ATL", 1, 1)]);

        JsonElement problem = await app.GetAsync($"/api/views/{Sample.View}?format={format}", HttpStatusCode.BadRequest);

        Assert.Contains("more than 38 digits", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("Ask for json", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains($"{Int128.MaxValue}", (await app.GetAsync($"/api/views/{Sample.View}")).GetRawText(), StringComparison.Ordinal);
    }
}

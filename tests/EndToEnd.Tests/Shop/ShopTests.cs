using System.Text.Json;
using Lambda.EndToEnd.Tests.Running;

namespace Lambda.EndToEnd.Tests.Shop;

/// <summary>The shop as it comes, in a process of its own, visited over HTTP.</summary>
public sealed class ShopTests : IDisposable
{
    private const string Stream = "shop";

    private readonly string _data = Directory.CreateTempSubdirectory("lambda-shop-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData(1)]
    public async Task Visits_funnel_and_sales_are_what_the_visitors_did(int seed)
    {
        await using AppProcess app = AppProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "Shop.dll"), new Dictionary<string, string>(), ["--data", _data, "--urls", "http://127.0.0.1:0"]);
        using Api api = new(await app.AddressAsync());
        List<Shopper> shoppers = [.. Enumerable.Range(0, 20).Select(_ => new Shopper(api.Client.BaseAddress!))];
        await Task.WhenAll(shoppers.Select((shopper, place) => shopper.ShopAsync(new Random((seed * 1000) + place), things: 60)));

        int events = shoppers.Sum(shopper => shopper.Events);
        JsonElement status = await api.UntilAsync("/shop/capture", captures => captures[0].GetProperty("sent").GetInt64() >= events);
        Assert.Equal(events, status[0].GetProperty("captured").GetInt64());
        Assert.Equal(0, status[0].GetProperty("failures").GetInt64());
        await api.CaughtUpAsync(Stream);
        await CheckAsync(api, shoppers, seed);
        await api.PublishAsync(Stream);
        await CheckAsync(api, shoppers, seed);

        foreach (Shopper shopper in shoppers)
        {
            shopper.Dispose();
        }

        Assert.Equal(0, await app.StopAsync());
    }

    private static async Task CheckAsync(Api api, List<Shopper> shoppers, int seed)
    {
        // Nobody was away for half an hour, nor took longer than a quarter of one over four steps.
        Assert.Equal(
            Sorted(shoppers.Where(shopper => shopper.Events > 0).Select(
                shopper => $"{shopper.Id}: {shopper.Pages} pages, at last {shopper.LastPage}, {shopper.Spent:F2}")),
            Sorted((await RowsAsync(api, "visits")).Select(row => $"{Key(row, "visitor")}: {Value(row, "pages").GetInt64()} pages, at last "
                + $"{Value(row, "lastPage").GetString()}, {Value(row, "spent").GetDecimal():F2}")));
        Assert.Equal(
            Sorted(shoppers.SelectMany(shopper => shopper.Steps.Chunk(4).Select(
                steps => $"{shopper.Id}: {steps.Length} steps to {steps.Max(step => step.Stage)}, {steps.Sum(step => step.Paid):F2}"))),
            Sorted((await RowsAsync(api, "funnel")).Select(row => $"{Key(row, "visitor")}: {Value(row, "steps").GetInt64()} steps to "
                + $"{Value(row, "reached").GetInt64()}, {Value(row, "spent").GetDecimal():F2}")));
        Assert.Equal(
            Sorted(shoppers.SelectMany(shopper => shopper.Bought).GroupBy(bought => bought.Key, bought => bought.Value).Select(
                product => $"{product.Key}: {product.Sum()}")),
            Sorted((await RowsAsync(api, "sales_by_product")).GroupBy(row => Key(row, "product"), row => Value(row, "sold").GetInt64()).Select(
                product => $"{product.Key}: {product.Sum()}")));
        Assert.True(shoppers.Sum(shopper => shopper.Spent) > 0, $"Seed {seed} has nobody buy anything.");
    }

    private static async Task<IReadOnlyList<JsonElement>> RowsAsync(Api api, string view) =>
        [.. (await api.GetAsync($"/api/views/{view}?limit=10000")).GetProperty("rows").EnumerateArray()];

    private static string? Key(JsonElement row, string part) => row.GetProperty("key").GetProperty(part).GetString();

    private static JsonElement Value(JsonElement row, string name) => row.GetProperty("values").GetProperty(name);

    private static IEnumerable<string> Sorted(IEnumerable<string> lines) => lines.Order(StringComparer.Ordinal);
}

using System.Net;

namespace Lambda.EndToEnd.Tests.Shop;

/// <summary>A visitor of the shop who remembers what they did, and so what the views have to say about them.</summary>
internal sealed class Shopper : IDisposable
{
    private static readonly Dictionary<string, decimal> Prices = new()
    {
        ["darjeeling"] = 14.50m,
        ["assam"] = 9.80m,
        ["mug"] = 19.00m,
        ["teapot"] = 64.00m,
        ["shortbread"] = 6.90m,
    };

    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _browser;
    private readonly Uri _shop;
    private readonly Dictionary<string, int> _cart = [];
    private int _stage;

    public Shopper(Uri shop)
    {
        _shop = shop;

        // One connection, so that the shop has finished with one request before it gets the next.
        _browser = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies, MaxConnectionsPerServer = 1, UseProxy = false }) { BaseAddress = shop };
    }

    /// <summary>The id that the shop has given.</summary>
    public string Id => _cookies.GetCookies(new Uri(_shop, "/shop"))["shop_visitor"]!.Value;

    /// <summary>How many events there must be.</summary>
    public int Events { get; private set; }

    public int Pages { get; private set; }

    public decimal Spent { get; private set; }

    public string LastPage { get; private set; } = "";

    /// <summary>The steps towards a purchase, each with what was paid.</summary>
    public List<(int Stage, decimal Paid)> Steps { get; } = [];

    /// <summary>What was bought, by product.</summary>
    public Dictionary<string, int> Bought { get; } = [];

    /// <summary>Does so many things at random.</summary>
    public async Task ShopAsync(Random random, int things)
    {
        string[] skus = [.. Prices.Keys];
        for (int i = 0; i < things; i++)
        {
            string sku = skus[random.Next(skus.Length)];
            switch (random.Next(9))
            {
                case 0:
                    await GetAsync("/shop/", "/shop/", 0);
                    break;
                case 1 or 2:
                    await GetAsync($"/shop/products/{sku}", "/shop/products/{sku}", 1);
                    break;
                case 3 or 4:
                    _cart[sku] = Math.Min(20, _cart.GetValueOrDefault(sku) + 1);
                    await PostAsync($"/shop/cart/{sku}", "/shop/cart", 2, 0);
                    break;
                case 5:
                    _cart[sku] = Math.Max(0, _cart.GetValueOrDefault(sku) - 1);
                    await PostAsync($"/shop/cart/{sku}/remove", "/shop/cart", 0, 0);
                    break;
                case 6:
                    await GetAsync("/shop/checkout", "/shop/checkout", 3);
                    break;
                case 7:
                    await BuyAsync();
                    break;
                default:
                    await NoticeNothingAsync();
                    break;
            }
        }
    }

    public void Dispose() => _browser.Dispose();

    private async Task BuyAsync()
    {
        decimal total = _cart.Sum(line => Prices[line.Key] * line.Value);
        if (total == 0)
        {
            // There is nothing to buy: the shop shows the cart, and nothing has been done.
            await SendAsync(HttpMethod.Post, "/shop/checkout", HttpStatusCode.OK);
            Showed("/shop/cart");
            return;
        }

        foreach ((string sku, int quantity) in _cart.Where(line => line.Value > 0))
        {
            Bought[sku] = Bought.GetValueOrDefault(sku) + quantity;
        }

        _cart.Clear();
        Spent += total;
        await PostAsync("/shop/checkout", "/shop/thanks", 4, total);
    }

    /// <summary>Asks for what makes no event: a style sheet, and a product that there is not.</summary>
    private async Task NoticeNothingAsync()
    {
        await SendAsync(HttpMethod.Get, "/shop/shop.css", HttpStatusCode.OK);
        await SendAsync(HttpMethod.Get, "/shop/products/nothing", HttpStatusCode.NotFound);
    }

    private async Task GetAsync(string address, string page, int stage)
    {
        await SendAsync(HttpMethod.Get, address, HttpStatusCode.OK);
        Advance(stage, 0);
        Showed(page);
    }

    private async Task PostAsync(string address, string shows, int stage, decimal paid)
    {
        await SendAsync(HttpMethod.Post, address, HttpStatusCode.OK);
        Events++;
        Advance(stage, paid);
        Showed(shows);
    }

    private void Showed(string page)
    {
        Events++;
        Pages++;
        LastPage = page;
    }

    private void Advance(int stage, decimal paid)
    {
        if (stage > _stage)
        {
            Steps.Add((stage, paid));
            _stage = stage == 4 ? 0 : stage;
        }
    }

    private async Task SendAsync(HttpMethod method, string address, HttpStatusCode expected)
    {
        using HttpRequestMessage request = new(method, address);
        using HttpResponseMessage response = await _browser.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == expected, $"{method} {address}: {(int)response.StatusCode}");
    }
}

using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Shop;

/// <summary>
/// A visitor, as their browser tells in cookies: who they are, what is in the cart, and how far they have come on the way to a purchase. The shop keeps nothing.
/// </summary>
internal sealed class Visitor
{
    public const string IdCookie = "shop_visitor";
    public const string CartCookie = "shop_cart";
    public const string StageCookie = "shop_stage";

    private const int MostOfOne = 20;

    private readonly HttpContext _http;
    private readonly List<CartLine> _cart;
    private int _stage;

    public Visitor(HttpContext http)
    {
        _http = http;
        Id = Guid.TryParseExact(http.Request.Cookies[IdCookie], "N", out Guid known) ? known : Guid.CreateVersion7();
        _cart = [.. ReadCart(http.Request.Cookies[CartCookie])];
        _stage = int.TryParse(http.Request.Cookies[StageCookie], NumberStyles.None, CultureInfo.InvariantCulture, out int stage) && stage <= 3 ? stage : 0;
        Set(IdCookie, Id.ToString("N"), TimeSpan.FromDays(365));
    }

    public Guid Id { get; }

    public IReadOnlyList<CartLine> Cart => _cart;

    public decimal Total => _cart.Sum(line => line.Price * line.Quantity);

    /// <summary>Puts a product into the cart, or takes it out.</summary>
    public void Change(Product product, int by)
    {
        int place = _cart.FindIndex(line => line.Product == product.Sku);
        int quantity = Math.Clamp((place < 0 ? 0 : _cart[place].Quantity) + by, 0, MostOfOne);
        if (place >= 0)
        {
            _cart.RemoveAt(place);
        }

        if (quantity > 0)
        {
            _cart.Insert(place < 0 ? _cart.Count : place, new CartLine(product.Sku, product.Price, quantity));
        }

        WriteCart();
    }

    /// <summary>Buys what is in the cart, which is empty then.</summary>
    public IReadOnlyList<CartLine> Buy()
    {
        List<CartLine> bought = [.. _cart];
        _cart.Clear();
        WriteCart();
        return bought;
    }

    /// <summary>Tells the event of this request what the visitor did.</summary>
    public void Did(Step step, string? product = null, IReadOnlyList<CartLine>? bought = null) =>
        _http.Items[Moment.Key] = new Moment(Id.ToString("N"), step, Advance(step), product, bought ?? []);

    /// <summary>The stage that a step is the first to reach since the last purchase; 0 when it is none.</summary>
    private int Advance(Step step)
    {
        int stage = step switch
        {
            Step.Product => 1,
            Step.Add => 2,
            Step.Checkout => 3,
            Step.Purchase => 4,
            _ => 0,
        };
        if (stage <= _stage)
        {
            return 0;
        }

        _stage = stage == 4 ? 0 : stage;
        Set(StageCookie, _stage.ToString(CultureInfo.InvariantCulture), TimeSpan.FromDays(1));
        return stage;
    }

    private static IEnumerable<CartLine> ReadCart(string? cookie)
    {
        foreach (string line in (cookie ?? "").Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split('-');
            if (parts.Length == 2 && Catalogue.Find(parts[0]) is { } product
                && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int quantity) && quantity is >= 1 and <= MostOfOne)
            {
                yield return new CartLine(product.Sku, product.Price, quantity);
            }
        }
    }

    private void WriteCart() => Set(
        CartCookie,
        string.Join('.', _cart.Select(line => string.Create(CultureInfo.InvariantCulture, $"{line.Product}-{line.Quantity}"))),
        TimeSpan.FromDays(30));

    private void Set(string name, string value, TimeSpan age) => _http.Response.Cookies.Append(
        name, value, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true, Path = "/shop", MaxAge = age });
}

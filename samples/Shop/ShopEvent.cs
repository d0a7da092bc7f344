using Lambda.Capture;

namespace Shop;

/// <summary>Something a visitor did.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Time">When the request came.</param>
/// <param name="Visitor">An anonymous id, the same as long as the browser keeps the cookie.</param>
/// <param name="Page">The route of the request, such as <c>/shop/products/{sku}</c>.</param>
/// <param name="IsPage">Whether a page was shown.</param>
/// <param name="Step">What was done.</param>
/// <param name="Stage">How far on the way to a purchase this took the visitor, 1 to 4; 0 when it took them no further.</param>
/// <param name="Product">The product that it is about; null when it is about none.</param>
/// <param name="Amount">What was paid.</param>
/// <param name="Bought">What was bought.</param>
/// <param name="Milliseconds">How long the visitor waited for the answer.</param>
internal sealed record ShopEvent(
    Guid Id,
    DateTimeOffset Time,
    string Visitor,
    string Page,
    bool IsPage,
    Step Step,
    int Stage,
    string? Product,
    decimal Amount,
    CartLine[] Bought,
    double Milliseconds)
{
    public const string Stream = "shop";

    /// <summary>The event of a request; null when its handler has nothing to tell, such as for a style sheet.</summary>
    public static ShopEvent? From(CapturedRequest request) => request.Item<Moment>(Moment.Key) is not { } moment ? null : new ShopEvent(
        request.Id,
        request.Time,
        moment.Visitor,
        request.Route ?? request.Path.Value ?? "",
        request.Method == "GET",
        moment.Step,
        moment.Stage,
        moment.Product,
        moment.Bought.Sum(line => line.Price * line.Quantity),
        [.. moment.Bought],
        request.Elapsed.TotalMilliseconds);
}

/// <summary>What a visitor can do.</summary>
internal enum Step
{
    Catalogue,
    Product,
    Add,
    Remove,
    Cart,
    Checkout,
    Purchase,
    Thanks,
}

/// <summary>A product in a cart.</summary>
internal sealed record CartLine(string Product, decimal Price, int Quantity);

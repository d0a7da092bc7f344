using Lambda.Capture;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Shop;

/// <summary>The addresses of the shop.</summary>
internal static class Storefront
{
    public static void Map(WebApplication web)
    {
        RouteGroupBuilder shop = web.MapGroup("/shop").ExcludeFromDescription();
        byte[] style = ReadStyle();
        shop.MapGet("/shop.css", () => Results.Bytes(style, "text/css"));
        shop.MapGet("/capture", (EventCaptures captures) => captures.Status());

        shop.MapGet("/", (HttpContext http) => Show(http, Step.Catalogue, null, Pages.Catalogue));
        shop.MapGet("/products/{sku}", (string sku, HttpContext http) => Catalogue.Find(sku) is { } product
            ? Show(http, Step.Product, sku, visitor => Pages.Product(product, visitor))
            : Results.Content(Pages.NotFound(new Visitor(http)), Pages.Type, statusCode: StatusCodes.Status404NotFound));
        shop.MapGet("/cart", (HttpContext http) => Show(http, Step.Cart, null, Pages.Cart));
        shop.MapGet("/checkout", (HttpContext http) => Show(http, Step.Checkout, null, Pages.Checkout));
        shop.MapGet("/thanks", (HttpContext http) => Show(http, Step.Thanks, null, Pages.Thanks));

        shop.MapPost("/cart/{sku}", (string sku, HttpContext http) => Change(sku, http, by: 1, Step.Add));
        shop.MapPost("/cart/{sku}/remove", (string sku, HttpContext http) => Change(sku, http, by: -1, Step.Remove));
        shop.MapPost("/checkout", (HttpContext http) =>
        {
            Visitor visitor = new(http);
            if (visitor.Cart.Count == 0)
            {
                return SeeOther("/shop/cart");
            }

            visitor.Did(Step.Purchase, bought: visitor.Buy());
            return SeeOther("/shop/thanks");
        });
    }

    private static IResult Show(HttpContext http, Step step, string? product, Func<Visitor, string> page)
    {
        Visitor visitor = new(http);
        visitor.Did(step, product);
        return Results.Content(page(visitor), Pages.Type);
    }

    private static IResult Change(string sku, HttpContext http, int by, Step step)
    {
        Visitor visitor = new(http);
        if (Catalogue.Find(sku) is not { } product)
        {
            return Results.Content(Pages.NotFound(visitor), Pages.Type, statusCode: StatusCodes.Status404NotFound);
        }

        visitor.Change(product, by);
        visitor.Did(step, sku);
        return SeeOther("/shop/cart");
    }

    // 303, so that the browser asks for the page and does not send the form again.
    private static SeeOtherResult SeeOther(string page) => new(page);

    private static byte[] ReadStyle()
    {
        using Stream style = typeof(Storefront).Assembly.GetManifestResourceStream("shop.css")!;
        byte[] bytes = new byte[style.Length];
        style.ReadExactly(bytes);
        return bytes;
    }

    private sealed class SeeOtherResult(string page) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = page;
            return Task.CompletedTask;
        }
    }
}

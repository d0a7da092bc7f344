using System.Globalization;
using System.Text.Encodings.Web;

namespace Shop;

/// <summary>The pages of the shop.</summary>
internal static class Pages
{
    public const string Type = "text/html; charset=utf-8";

    public static string Catalogue(Visitor visitor) => Page("Leaf & Kettle", visitor, $"""
        <section class="hero"><h1>Good tea, and what goes with it</h1><p>Eight things, chosen with care. Sent tomorrow.</p></section>
        <ul class="grid">{string.Concat(Shop.Catalogue.Products.Select(Card))}</ul>
        """);

    public static string Product(Product product, Visitor visitor) => Page(product.Name, visitor, $"""
        <article class="product">
          <div class="picture large" aria-hidden="true">{product.Picture}</div>
          <div>
            <h1>{Html(product.Name)}</h1>
            <p class="price">{Money(product.Price)}</p>
            <p>{Html(product.Text)}</p>
            <form method="post" action="/shop/cart/{product.Sku}"><button class="strong">Add to cart</button></form>
            <p><a href="/shop/">Back to all products</a></p>
          </div>
        </article>
        """);

    public static string Cart(Visitor visitor) => Page("Your cart", visitor, visitor.Cart.Count == 0
        ? """<h1>Your cart</h1><p>There is nothing in it yet. <a href="/shop/">See what there is.</a></p>"""
        : $"""
        <h1>Your cart</h1>
        {Lines(visitor, removable: true)}
        <p class="actions"><a href="/shop/">Go on looking</a> <a class="button strong" href="/shop/checkout">To the checkout</a></p>
        """);

    public static string Checkout(Visitor visitor) => Page("Checkout", visitor, visitor.Cart.Count == 0
        ? """<h1>Checkout</h1><p>There is nothing to pay for. <a href="/shop/">See what there is.</a></p>"""
        : $"""
        <h1>Checkout</h1>
        {Lines(visitor, removable: false)}
        <form method="post" action="/shop/checkout" class="actions">
          <a href="/shop/cart">Back to the cart</a> <button class="strong">Buy for {Money(visitor.Total)}</button>
        </form>
        <p class="soft">This shop is a sample. Nothing is charged and nothing is sent.</p>
        """);

    public static string Thanks(Visitor visitor) => Page("Thank you", visitor,
        """<h1>Thank you</h1><p>Your parcel is on its way, as far as samples go. <a href="/shop/">Back to the shop</a></p>""");

    public static string NotFound(Visitor visitor) => Page("Not found", visitor,
        """<h1>That is not in the shop</h1><p><a href="/shop/">See what there is.</a></p>""");

    private static string Card(Product product) => $"""
        <li><a class="card" href="/shop/products/{product.Sku}">
          <span class="picture" aria-hidden="true">{product.Picture}</span>
          <span class="name">{Html(product.Name)}</span><span class="price">{Money(product.Price)}</span>
        </a></li>
        """;

    private static string Lines(Visitor visitor, bool removable) => $"""
        <table>
          <thead><tr><th scope="col">Product</th><th scope="col">Quantity</th><th scope="col">Price</th>{(removable ? "<td></td>" : "")}</tr></thead>
          <tbody>{string.Concat(visitor.Cart.Select(line => Line(line, removable)))}</tbody>
          <tfoot><tr><th scope="row" colspan="2">Together</th><td>{Money(visitor.Total)}</td>{(removable ? "<td></td>" : "")}</tr></tfoot>
        </table>
        """;

    private static string Line(CartLine line, bool removable) => $"""
        <tr>
          <th scope="row"><a href="/shop/products/{line.Product}">{Html(Shop.Catalogue.Find(line.Product)!.Name)}</a></th>
          <td>{line.Quantity}</td><td>{Money(line.Price * line.Quantity)}</td>
          {(removable ? $"""<td><form method="post" action="/shop/cart/{line.Product}/remove"><button>Remove one</button></form></td>""" : "")}
        </tr>
        """;

    private static string Page(string title, Visitor visitor, string content) => $"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
          <title>{Html(title)}</title>
          <link rel="stylesheet" href="/shop/shop.css">
        </head>
        <body>
          <header><a class="brand" href="/shop/"><span aria-hidden="true">🫖</span> Leaf &amp; Kettle</a>
            <nav><a href="/">Console</a> <a href="/shop/cart">Cart ({visitor.Cart.Sum(line => line.Quantity)})</a></nav></header>
          <main>{content}</main>
          <footer>A sample shop. Each of your clicks is an event; the <a href="/">console</a> shows what becomes of them.</footer>
        </body>
        </html>
        """;

    private static string Money(decimal amount) => $"€ {amount.ToString("N2", CultureInfo.InvariantCulture)}";

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);
}

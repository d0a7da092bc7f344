namespace Shop;

/// <summary>A thing to buy.</summary>
internal sealed record Product(string Sku, string Name, decimal Price, string Picture, string Text);

/// <summary>What the shop sells.</summary>
internal static class Catalogue
{
    public static readonly IReadOnlyList<Product> Products =
    [
        new("darjeeling", "Darjeeling, first flush", 14.50m, "🍃", "Picked in March on the slopes of Margaret's Hope. Light, with a little of muscat."),
        new("assam", "Assam, full leaf", 9.80m, "🌿", "Strong and malty; takes milk well. What wakes half of England."),
        new("sencha", "Sencha, shaded", 17.20m, "🍵", "Steamed, not roasted. Brew it at 70 °C and for no longer than a minute."),
        new("mug", "Stoneware mug", 19.00m, "☕", "Thrown by hand, so no two are alike. Holds 350 ml and the warmth of it."),
        new("teapot", "Cast iron teapot", 64.00m, "🫖", "Keeps two litres hot for an hour. Heavier than it looks."),
        new("honey", "Heather honey", 8.40m, "🍯", "From hives on the moor above the village. Thick enough to stand a spoon in."),
        new("shortbread", "Shortbread, box of 12", 6.90m, "🍪", "Butter, flour, sugar, salt, and nothing else."),
        new("blanket", "Lambswool blanket", 89.00m, "🧣", "For the evenings on which tea alone will not do."),
    ];

    public static Product? Find(string sku) => Products.FirstOrDefault(product => product.Sku == sku);
}

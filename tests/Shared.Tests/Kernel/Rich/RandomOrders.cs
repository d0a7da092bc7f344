using System.Globalization;

namespace Lambda.Tests.Kernel.Rich;

/// <summary>Orders as JSON, written by hand: right, or at times with a member left out, null, twice, of a wrong type, or unknown.</summary>
/// <param name="random">Where they come from.</param>
/// <param name="oneInHowManyIsWrong">How often something is wrong; never, where it is null.</param>
internal sealed class RandomOrders(Random random, int? oneInHowManyIsWrong)
{
    // Null is first and stands in no array: System.Text.Json does not look at the nullability of elements.
    private static readonly string[] Wrong = ["null", "1", "-0.5", "\"x\"", "true", "[]", "{}", "[{}]", "{\"a\":[{}]}", "1e400"];
    private static readonly string[] Texts = ["", "a", "Zürich", "\\u00e9\\n", "\\ud83d\\ude00", "a rather long text that is no key"];

    public string Next() => Object(
        ("id", Text), ("time", () => "\"2024-01-01T00:00:00Z\""), ("shippingAddress", Address), ("billingAddress", () => Maybe(Address)),
        ("items", () => Maybe(() => List(Item))), ("tags", () => List(Text)), ("counts", () => Maybe(() => List(() => Maybe(Number)))),
        ("place", () => Maybe(Position)), ("origin", Position), ("kinds", () => List(Kind)));

    private string Address() => Object(("city", Text), ("zip-code", () => Maybe(Text)), ("country", () => Maybe(Country)));

    private string Country() => Object(("code", Text), ("isFar", () => Maybe(() => random.Next(2) == 0 ? "true" : "false")));

    private string Position() => Object(("latitude", Number), ("longitude", Number));

    private string Item() => Object(
        ("sku", Text), ("price", () => $"{Number()}.50"), ("batch", () => Maybe(() => $"\"{new Guid(random.Next(3), 2, 3, new byte[8])}\"")),
        ("discounts", () => Maybe(() => List(() => Maybe(Discount)))), ("made", () => Maybe(Country)));

    private string Discount() => Object(("percent", Number), ("reasons", () => List(Text)));

    private string Text() => $"\"{Texts[random.Next(Texts.Length)]}\"";

    private string Number() => random.Next(-9, 100).ToString(CultureInfo.InvariantCulture);

    private string Kind() => random.Next(3) switch { 0 => "\"View\"", 1 => "\"click\"", _ => "\"add-to-cart\"" };

    private string Maybe(Func<string> value) => random.Next(4) == 0 ? "null" : value();

    private string List(Func<string> element) =>
        $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => IsWrong() ? Wrong[random.Next(1, Wrong.Length)] : element()))}]";

    private string Object(params (string Name, Func<string> Value)[] members)
    {
        List<string> written = [];
        foreach ((string name, Func<string> value) in members)
        {
            if (IsWrong())
            {
                switch (random.Next(6))
                {
                    case 0:
                        continue;
                    case 1:
                        written.Add($"\"{name}\":{value()}");
                        break;
                    case 2:
                        written.Add($"\"{name}\":{Wrong[random.Next(Wrong.Length)]}");
                        break;
                    case 3:
                        written.Add($"\"{name}x\":{value()}");
                        break;
                    case 4:
                        written.Add($"\"{name.ToUpperInvariant()}\":{value()}");
                        continue;
                    default:
                        written.Add($"\"{name}\":null");
                        break;
                }
            }

            written.Add($"\"{name}\":{value()}");
        }

        IEnumerable<string> ordered = random.Next(8) == 0 ? written.OrderBy(_ => random.Next()) : written;
        return $"{{{string.Join(random.Next(5) == 0 ? " , " : ",", ordered)}}}";
    }

    private bool IsWrong() => oneInHowManyIsWrong is { } many && random.Next(many) == 0;
}

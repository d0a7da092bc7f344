using System.Globalization;

namespace Lambda.Tests.Documentation;

/// <summary>Methods that docs/aggregates.md shows in views.</summary>
internal static class Pricing
{
    public static bool IsBillable(Order order) => order is { Quantity: > 0, Price: > 0 };

    public static string Band(int price) => price switch
    {
        < 10 => "low",
        < 100 => "middle",
        _ => "high",
    };

    public static int Discount(string? coupon) => coupon is null ? 0 : int.Parse(coupon, CultureInfo.InvariantCulture);
}

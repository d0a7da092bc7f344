namespace Lambda.Tests.Documentation;

/// <summary>An order in a shop.</summary>
internal sealed record Order(
    string Id, DateTimeOffset Time, string Shop, string Customer, int Price, int Quantity, string? Coupon, int? Rating = null);

using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Lambda.Tests.Kernel.Rich;

/// <summary>Objects and arrays in each other: records, classes, structs; with constructors, setters and both; nullable or not.</summary>
internal sealed record Order(string Id, DateTimeOffset Time, Address ShippingAddress, Address? BillingAddress = null)
{
    public List<Item>? Items { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public int?[]? Counts { get; set; }

    public Position? Place { get; set; }

    public required Position Origin { get; set; }

    public required ImmutableArray<Kind> Kinds { get; init; }
}

internal sealed class Address
{
    public required string City { get; set; }

    [JsonPropertyName("zip-code")]
    public string? Zip { get; init; }

    public Country? Country { get; set; }
}

internal sealed record Country(string Code, bool? IsFar = null);

internal readonly record struct Position
{
    public required double Latitude { get; init; }

    public required double Longitude { get; init; }
}

internal sealed record Item(string Sku, decimal Price, Guid? Batch = null, IEnumerable<Discount?>? Discounts = null, Country? Made = null);

internal sealed record Discount(int Percent, string[] Reasons);

using System.Text.Json.Serialization;

namespace Lambda.Tests.Documentation;

public sealed record Purchase(Guid Id, DateTimeOffset Time, string Country, Channel Channel, Address ShipTo, Address? BillTo = null)
{
    public required IReadOnlyList<Item> Items { get; init; }

    public string[]? Tags { get; init; }

    [JsonPropertyName("landing-page")]
    public Uri? LandingPage { get; init; }

    [JsonIgnore]
    public decimal Total => Items.Sum(item => item.Price);
}

public enum Channel
{
    Web,
    Shop,
    [JsonStringEnumMemberName("by-phone")]
    Phone,
}

public sealed record Address(string City, string? Zip = null);

public sealed record Item(string Sku, decimal Price, int Count = 1);

using System.Text.Json.Serialization;

namespace Lambda.Batch.Tests.History;

/// <summary>An event with a column of every kind at every depth, null and not null.</summary>
internal sealed record Basket(string Id, DateTimeOffset At, Shop Shop, Shop? Origin = null, Line[]? Lines = null)
{
    public required IReadOnlyList<string> Tags { get; init; }

    public decimal?[]? Amounts { get; init; }

    public List<Line?>? MaybeLines { get; init; }
}

internal sealed record Shop(Guid Number, Place? Place = null, bool? IsOpen = null)
{
    public required Place Main { get; init; }
}

internal sealed class Place
{
    public required string City { get; init; }

    [JsonPropertyName("zip")]
    public int? Code { get; init; }

    public double? Height { get; init; }
}

internal sealed record Line(string Sku, decimal Price, long? Count = null, Place? From = null, DateTime? Until = null)
{
    public Discount[]? Discounts { get; init; }
}

internal sealed record Discount(int Percent, string? Reason, IReadOnlyList<bool>? Flags = null);

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lambda.Batch.Tests.Support;
using Lambda.Definition;

namespace Lambda.Batch.Tests.Audit;

internal enum Size
{
    Small,
    [JsonStringEnumMemberName("very large")]
    Large,
}

internal sealed record Place(string? City, int? Floor);

/// <summary>An event with a member of every kind that checks know, one of them of a hostile name.</summary>
internal sealed record Parcel(
    Guid Id, DateTimeOffset At, string? Code, Size? Size, decimal Weight, decimal? Price, double Ratio, int? Count, bool Fragile, DateOnly? Due, Place? To,
    [property: JsonPropertyName("it's\"a'name--")] string? Hostile, string[]? Tags)
{
    public static readonly DateTimeOffset Day = new(2024, 5, 4, 0, 0, 0, TimeSpan.Zero);

    public static readonly Parcel Usual = new(
        Guid.Parse("00000000-0000-0000-0000-000000000001"), Day, "ABC", Audit.Size.Small, 1.5m, 2.50m, 0.5, 3, false, new DateOnly(2024, 5, 9),
        new Place("Ulm", 1), "h", ["a"]);

    public static Parcel Of(int number) => Usual with { Id = new Guid(number, 0, 0, new byte[8]), At = Day.AddMinutes(number) };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["id"] = Id,
        ["at"] = At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture),
        ["code"] = Code,
        ["size"] = Size switch { null => null, Audit.Size.Small => "Small", _ => "very large" },
        ["weight"] = JsonValue.Create(Weight),
        ["price"] = Price is { } price ? JsonValue.Create(price) : null,
        ["ratio"] = Ratio,
        ["count"] = Count,
        ["fragile"] = Fragile,
        ["due"] = Due?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ["to"] = To is { } to ? new JsonObject { ["city"] = to.City, ["floor"] = to.Floor } : null,
        ["it's\"a'name--"] = Hostile,
        ["tags"] = Tags is { } tags ? new JsonArray([.. tags.Select(tag => JsonValue.Create(tag))]) : null,
    });

    /// <summary>A stream of parcels with one row check, and what a test adds.</summary>
    public static Catalog Catalog(Action<StreamBuilder<Parcel>> more)
    {
        StreamBuilder<Parcel> stream = new StreamBuilder<Parcel>(Orders.Stream)
            .EventTime(p => p.At).EventId(p => p.Id).Partitions(Orders.Partitions).Check("ratio", p => p.Ratio >= 0);
        stream.View("parcels").Window(Lambda.Windows.Tumbling.Every(TimeSpan.FromHours(1))).Aggregate(a => new { Parcels = a.Count() });
        more(stream);
        return Lambda.Definition.Catalog.Build([stream]);
    }
}

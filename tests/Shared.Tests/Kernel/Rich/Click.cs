using System.Text.Json.Serialization;

namespace Lambda.Tests.Kernel.Rich;

internal enum Kind
{
    View = 1,
    Click = 2,
    [JsonStringEnumMemberName("add-to-cart")]
    AddToCart = -7,
    Größe = 40,
}

/// <summary>A record with a primary constructor and every plain type there is.</summary>
internal sealed record Click(
    Guid Id,
    DateTimeOffset Time,
    Kind Kind,
    [property: JsonPropertyName("maybe-kind")] Kind? MaybeKind,
    Guid? Session,
    DateOnly Day,
    DateOnly? MaybeDay,
    TimeSpan Took,
    TimeSpan? MaybeTook,
    Uri? Url,
    float Score,
    float? MaybeScore,
    byte Byte,
    sbyte? SByte,
    short Short,
    ushort? UShort,
    uint UInt)
{
    public required string Page { get; init; }

    public double Weight { get; set; }

    [JsonIgnore]
    public int Ignored { get; init; }

    public int Computed => Byte * 2;
}

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
    DateOnly Day,
    TimeSpan Took,
    float Score,
    byte Byte,
    short Short,
    uint UInt,
    [property: JsonPropertyName("maybe-kind")] Kind? MaybeKind = null,
    Guid? Session = null,
    DateOnly? MaybeDay = null,
    TimeSpan? MaybeTook = null,
    Uri? Url = null,
    float? MaybeScore = null,
    sbyte? SByte = null,
    ushort? UShort = null)
{
    public required string Page { get; init; }

    public required double Weight { get; set; }

    [JsonIgnore]
    public int Ignored { get; init; }

    public int Computed => Byte * 2;
}

using System.Text.Json;

namespace Lambda.EndToEnd.Tests.Properties;

/// <summary>A parcel that passed a scanner.</summary>
public sealed record Scan(string Id, DateTimeOffset At, string? Depot, int Weight, long Value, double Length, decimal? Fee, bool? Express)
{
    /// <summary>A filter divides by the difference to it.</summary>
    public const int Unlucky = 13;

    /// <summary>A row check takes no scan that weighs less.</summary>
    public const int LeastWeight = 0;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Scan? FromJson(byte[] json) => JsonSerializer.Deserialize<Scan>(json, Json);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);
}

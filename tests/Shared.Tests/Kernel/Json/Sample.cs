using System.Text.Json;
using System.Text.Json.Serialization;
using Lambda.Definition;
using Lambda.Events.Json;
using Lambda.Time;
using Lambda.Views;

namespace Lambda.Tests.Kernel.Json;

/// <summary>
/// An event that both decoders read. What System.Text.Json lets pass unless told otherwise, and the kernel refuses, it is told here: members that are
/// missing or null, doubles that are not finite.
/// </summary>
internal sealed class Sample
{
    public required string Id { get; init; }

    public required DateTimeOffset Time { get; init; }

    public string? Text { get; init; }

    public required int Whole { get; init; }

    public int? MaybeWhole { get; init; }

    public required long Large { get; init; }

    public long? MaybeLarge { get; init; }

    public required double Kilo { get; init; }

    public double? MaybeKilo { get; init; }

    public required decimal Money { get; init; }

    public decimal? MaybeMoney { get; init; }

    public required bool Flag { get; init; }

    public bool? MaybeFlag { get; init; }

    public DateTime? Seen { get; init; }

    [JsonPropertyName("größe")]
    public string? Size { get; init; }

    [JsonIgnore]
    public string? Ignored { get; init; }

    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        RespectNullableAnnotations = true,
        Converters = { new FiniteDouble(), new UtcInstant(), new UtcDateTime() },
    };

    public static StreamDefinition Stream { get; } = Declare();

    /// <summary>Rules that take every time: nothing is too far ahead of a record appended at <see cref="UtcMicroseconds.MaxValue"/>.</summary>
    public static DecodeRules Rules { get; } = DecodeRules.Of(Stream);

    private static StreamDefinition Declare()
    {
        StreamBuilder<Sample> stream = new StreamBuilder<Sample>("samples").EventTime(e => e.Time).EventId(e => e.Id).PartitionBy(e => e.Text);
        return ((IStreamBuilder)stream).Build();
    }

    private sealed class FiniteDouble : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDouble() is var value && double.IsFinite(value) ? value : throw new JsonException("not finite");

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
    }

    private sealed class UtcInstant : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTime() is { Kind: DateTimeKind.Unspecified } plain ? new DateTimeOffset(plain, TimeSpan.Zero) : reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }

    private sealed class UtcDateTime : JsonConverter<DateTime>
    {
        public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTime() is { Kind: DateTimeKind.Unspecified } plain ? plain : reader.GetDateTimeOffset().UtcDateTime;

        public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}

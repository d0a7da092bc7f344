using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lambda.Definition;
using Lambda.Events;
using Lambda.Events.Json;
using Lambda.Expressions;
using Lambda.Tests.Kernel.Json;
using Lambda.Time;
using Lambda.Views;

namespace Lambda.Tests.Kernel.Rich;

/// <summary>Records of a stream, decoded one by one and made objects again by the way that functions of the user get them.</summary>
internal sealed class Decoded<TEvent>
    where TEvent : class
{
    /// <summary>System.Text.Json told to read as the kernel documents: strictly, and enums by name.</summary>
    public static readonly JsonSerializerOptions Options = new(Sample.Options)
    {
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly EventBatch _batch;
    private readonly JsonEventDecoder _decoder;
    private readonly JsonEventDecoder _unprojected;
    private readonly EventBatch _nothing;
    private readonly CompiledKernel<TEvent> _whole;
    private readonly UnknownMembers _unknown = new();

    public Decoded(StreamBuilder<TEvent> stream)
    {
        StreamDefinition definition = ((IStreamBuilder)stream).Build();
        Projection all = Projection.EverythingByDictionary(definition.Schema);
        Projection none = Projection.Of(definition.Schema, []);
        _batch = new EventBatch(all, new StringDictionary());
        _nothing = new EventBatch(none, new StringDictionary());
        _decoder = new JsonEventDecoder(DecodeRules.Of(definition), all, _unknown);
        _unprojected = new JsonEventDecoder(DecodeRules.Of(definition), none);
        _whole = new KernelCompiler(definition.Schema).Values<TEvent>((System.Linq.Expressions.Expression<Func<TEvent, TEvent>>)(e => e));
    }

    /// <summary>What the last record had beyond the event type.</summary>
    public string Unknown { get; private set; } = "";

    /// <summary>Adds a record behind those before it. All projections must judge it alike.</summary>
    public Refusal? Add(string json)
    {
        int row = _batch.Count;
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        Refusal? refusal = _decoder.Decode(bytes, 0, row, UtcMicroseconds.MaxValue, _batch);
        Refusal? second = _unprojected.Decode(bytes, 0, row, UtcMicroseconds.MaxValue, _nothing);
        if (refusal != second)
        {
            throw new InvalidOperationException($"The projections disagree: {refusal} and {second}.");
        }

        Unknown = refusal is null ? Encoding.UTF8.GetString(_unknown[row]) : "";
        return refusal;
    }

    /// <summary>All records taken so far, as System.Text.Json writes their objects.</summary>
    public IReadOnlyList<string> Objects()
    {
        RowSelection rows = new();
        rows.SelectAll(_batch.Count);
        TEvent[] values = new TEvent[_batch.Count];
        _whole.Run(_batch, rows.Rows, rows.Count, new KernelProgress(), values, new bool[_batch.Count]);
        return [.. values.Select(value => JsonSerializer.Serialize(value, Options))];
    }

    /// <summary>The same object by System.Text.Json; null when it refuses.</summary>
    public static string? Expected(string json)
    {
        try
        {
            TEvent? value = JsonSerializer.Deserialize<TEvent>(json, Options);
            return value is null ? null : JsonSerializer.Serialize(value, Options);
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // It reads floats beyond their range as infinite, which it then cannot write; the kernel refuses them as it does doubles.
            return null;
        }
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Lambda.Capture.Buffering;
using Lambda.Capture.Redacting;
using Lambda.Events.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.ObjectPool;

namespace Lambda.Capture.Encoding;

/// <summary>Maps, enriches, redacts and writes events of one type, and finds their partition keys.</summary>
internal sealed class EventEncoder<TEvent> : IEventEncoder
    where TEvent : class
{
    // The platform reads JSON, not HTML: only what JSON itself demands is escaped.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Func<CapturedRequest, TEvent?> _map;
    private readonly Func<TEvent, HttpContext, TEvent>[] _enrichers;
    private readonly Func<TEvent, string?>? _key;
    private readonly JsonTypeInfo<TEvent> _type;
    private readonly ObjectPool<EncodingScratch> _scratch;

    /// <param name="map">Makes the event.</param>
    /// <param name="enrichers">Add to it, one after the other.</param>
    /// <param name="redaction">What stays out of its JSON.</param>
    /// <param name="key">Gives the partition key; null to have it read from the JSON.</param>
    /// <param name="createKeys">Makes readers of partition keys; null when a delegate gives the key, or there is none.</param>
    public EventEncoder(
        Func<CapturedRequest, TEvent?> map,
        IEnumerable<Func<TEvent, HttpContext, TEvent>> enrichers,
        Redaction redaction,
        Func<TEvent, string?>? key,
        Func<RecordKeyReader>? createKeys)
    {
        _map = map;
        _enrichers = [.. enrichers];
        _key = key;
        JsonSerializerOptions options = new(JsonSerializerDefaults.Web)
        {
            Encoder = WriterOptions.Encoder,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { redaction.Apply } },
        };
        options.Converters.Add(new JsonStringEnumConverter());
        options.MakeReadOnly();
        _type = (JsonTypeInfo<TEvent>)options.GetTypeInfo(typeof(TEvent));
        _scratch = new DefaultObjectPool<EncodingScratch>(new ScratchPolicy(createKeys), Environment.ProcessorCount * 4);
    }

    public EncodingResult Encode(CapturedRequest request, CaptureBuffer buffer, int maxBytes)
    {
        TEvent? made = _map(request);
        if (made is null)
        {
            return EncodingResult.NoEvent;
        }

        foreach (Func<TEvent, HttpContext, TEvent> enrich in _enrichers)
        {
            made = enrich(made, request.Http);
        }

        EncodingScratch scratch = _scratch.Get();
        try
        {
            JsonSerializer.Serialize(scratch.Writer, made, _type);
            scratch.Writer.Flush();
            ReadOnlySpan<byte> key = _key is null ? scratch.Keys is { } keys ? keys.Read(scratch.Json) : default : Utf8(_key(made), scratch);
            return key.Length + scratch.Json.Length > maxBytes ? EncodingResult.TooLarge
                : buffer.TryAdd(key, scratch.Json) ? EncodingResult.Buffered
                : EncodingResult.BufferFull;
        }
        finally
        {
            scratch.Reset();
            _scratch.Return(scratch);
        }
    }

    private static ReadOnlySpan<byte> Utf8(string? key, EncodingScratch scratch)
    {
        if (string.IsNullOrEmpty(key))
        {
            return default;
        }

        int most = System.Text.Encoding.UTF8.GetMaxByteCount(key.Length);
        if (scratch.KeyBytes.Length < most)
        {
            scratch.KeyBytes = new byte[most];
        }

        return scratch.KeyBytes.AsSpan(0, System.Text.Encoding.UTF8.GetBytes(key, scratch.KeyBytes));
    }

    private sealed class ScratchPolicy(Func<RecordKeyReader>? createKeys) : PooledObjectPolicy<EncodingScratch>
    {
        public override EncodingScratch Create() => new(createKeys?.Invoke(), WriterOptions);

        public override bool Return(EncodingScratch obj) => true;
    }
}

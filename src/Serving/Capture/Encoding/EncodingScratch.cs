using System.Buffers;
using System.Text.Json;
using Lambda.Events.Json;

namespace Lambda.Capture.Encoding;

/// <summary>What it takes to write one event; used by one thread at a time, over and over.</summary>
internal sealed class EncodingScratch
{
    /// <summary>Above that, memory that one large event needed is not kept.</summary>
    private const int KeptBytes = 64 << 10;

    private ArrayBufferWriter<byte> _json = new(512);

    public EncodingScratch(RecordKeyReader? keys, JsonWriterOptions options)
    {
        Keys = keys;
        Writer = new Utf8JsonWriter(_json, options);
    }

    /// <summary>Finds the key in the JSON; null when a delegate gives it.</summary>
    public RecordKeyReader? Keys { get; }

    public Utf8JsonWriter Writer { get; }

    /// <summary>What the writer has flushed.</summary>
    public ReadOnlySpan<byte> Json => _json.WrittenSpan;

    /// <summary>Room for a key that is text.</summary>
    public byte[] KeyBytes { get; set; } = new byte[128];

    /// <summary>Makes it ready for the next event, also after one that failed half-way.</summary>
    public void Reset()
    {
        if (_json.Capacity > KeptBytes)
        {
            _json = new ArrayBufferWriter<byte>(512);
        }
        else
        {
            _json.ResetWrittenCount();
        }

        Writer.Reset(_json);
    }
}

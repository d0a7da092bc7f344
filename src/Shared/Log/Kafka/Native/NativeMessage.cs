using System.Runtime.InteropServices;

namespace Lambda.Log.Kafka.Native;

/// <summary>A message in librdkafka's own memory (<c>rd_kafka_message_t</c>). A consumed one is valid until it is destroyed.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct NativeMessage
{
    /// <summary>0, or why there is no record here.</summary>
    public readonly int Error;
    private readonly nint _topic;
    private readonly int _partition;
    private readonly byte* _value;
    private readonly nuint _valueLength;
    private readonly byte* _key;
    private readonly nuint _keyLength;

    /// <summary>Where the record is; negative where librdkafka does not know.</summary>
    public readonly long Offset;

    /// <summary>What a produced message was given on its way.</summary>
    public readonly nint Opaque;

    /// <summary>The key; empty when there is none.</summary>
    public ReadOnlySpan<byte> Key => new(_key, (int)_keyLength);

    /// <summary>The value; empty when there is none, as in a tombstone. The text of an error where there is one.</summary>
    public ReadOnlySpan<byte> Value => new(_value, (int)_valueLength);

    public int Partition => _partition;
}

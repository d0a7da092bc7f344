namespace Lambda.Capture.Buffering;

/// <summary>An event in rented memory: its key, and behind it its JSON.</summary>
internal readonly record struct PendingEvent(byte[] Memory, int KeyLength, int ValueLength)
{
    public ReadOnlySpan<byte> Key => Memory.AsSpan(0, KeyLength);

    public ReadOnlySpan<byte> Value => Memory.AsSpan(KeyLength, ValueLength);

    public int Length => KeyLength + ValueLength;
}

namespace Lambda.Testing;

/// <summary>Where an event came to stand.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset within it.</param>
public readonly record struct SentEvent(int Partition, long Offset);

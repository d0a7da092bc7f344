using Lambda.Log;

namespace Lambda.Testing.Layers;

/// <summary>A record that was sent, where it came to stand.</summary>
/// <param name="Position">The partition and the offset.</param>
/// <param name="AppendedAt">When it was appended, in UTC microseconds.</param>
/// <param name="Key">The key that chose the partition.</param>
/// <param name="Value">The bytes.</param>
internal sealed record DrivenRecord(LogPosition Position, long AppendedAt, byte[] Key, byte[] Value);

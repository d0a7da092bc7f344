namespace Lambda.Capture.Spilling;

/// <summary>A place between two events of a spill folder.</summary>
/// <param name="Segment">The number of the file.</param>
/// <param name="Offset">How many bytes of it lie before.</param>
internal readonly record struct SpillPosition(long Segment, long Offset);

using Lambda.Log;

namespace Lambda.Store;

/// <summary>Offsets that a log lost before they were read, and that a person has accepted to go without.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offsets">The offsets that are gone.</param>
/// <param name="AcceptedAt">When they were accepted, in UTC.</param>
internal sealed record LogGap(string Stream, int Partition, OffsetRange Offsets, DateTimeOffset AcceptedAt);

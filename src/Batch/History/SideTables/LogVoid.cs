using Lambda.Log;

namespace Lambda.Batch.History.SideTables;

/// <summary>Offsets that were read over and at which the log holds no record, such as those of transaction markers.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offsets">The offsets; at least one.</param>
internal readonly record struct LogVoid(int Partition, OffsetRange Offsets);

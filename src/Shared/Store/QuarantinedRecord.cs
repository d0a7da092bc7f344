using Lambda.Events;

namespace Lambda.Store;

/// <summary>A record that was refused, with all that is needed to inspect it and to submit it again.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Offset">The offset in the partition.</param>
/// <param name="AppendedAt">When the log took it, in UTC microseconds.</param>
/// <param name="Reason">Why it was refused, as a fixed word.</param>
/// <param name="Detail">Why it was refused, in a sentence that names the member or the check.</param>
/// <param name="Key">The record's key as it stands in the log.</param>
/// <param name="Value">The record's bytes as they stand in the log.</param>
internal sealed record QuarantinedRecord(
    string Stream,
    int Partition,
    long Offset,
    long AppendedAt,
    RejectReason Reason,
    string Detail,
    ReadOnlyMemory<byte> Key,
    ReadOnlyMemory<byte> Value)
{
    /// <summary>How many bytes more the value has than were read of it.</summary>
    public int Unread { get; init; }
}

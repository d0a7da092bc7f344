using Lambda.Events;

namespace Lambda.Testing;

/// <summary>A record that was refused.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset there.</param>
/// <param name="AppendedAt">When it was appended.</param>
/// <param name="Reason">Why it was refused, as a fixed word.</param>
/// <param name="Detail">Why it was refused, in a sentence that names the member, the view or the check.</param>
/// <param name="Value">Its bytes as they were sent.</param>
public sealed record QuarantinedEvent(
    int Partition, long Offset, DateTimeOffset AppendedAt, RejectReason Reason, string Detail, ReadOnlyMemory<byte> Value);

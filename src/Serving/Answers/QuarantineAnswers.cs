using Lambda.Events;

namespace Lambda.Serving.Answers;

/// <summary>Quarantined records of a stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Total">How many there are with the reasons asked for.</param>
/// <param name="Records">The newest of them, without their bytes.</param>
internal sealed record QuarantineAnswer(string Stream, long Total, IReadOnlyList<QuarantinedSummary> Records);

/// <summary>A quarantined record in short.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Offset">The offset in the partition.</param>
/// <param name="AppendedAt">When the log took it.</param>
/// <param name="Reason">Why it was refused, as a fixed word.</param>
/// <param name="Detail">Why it was refused, in a sentence.</param>
/// <param name="Bytes">How long its value is.</param>
/// <param name="Preview">The beginning of its value, when that is text.</param>
internal sealed record QuarantinedSummary(
    string Stream, int Partition, long Offset, DateTimeOffset AppendedAt, RejectReason Reason, string Detail, int Bytes, string? Preview);

/// <summary>A quarantined record with its bytes.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Partition">The partition of the log.</param>
/// <param name="Offset">The offset in the partition.</param>
/// <param name="AppendedAt">When the log took it.</param>
/// <param name="Reason">Why it was refused, as a fixed word.</param>
/// <param name="Detail">Why it was refused, in a sentence.</param>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
internal sealed record QuarantinedAnswer(
    string Stream, int Partition, long Offset, DateTimeOffset AppendedAt, RejectReason Reason, string Detail, RawBytes Key, RawBytes Value);

/// <summary>Bytes as a record holds them.</summary>
/// <param name="Encoding">How they are shown: <c>utf-8</c> when they are valid text, <c>base64</c> otherwise.</param>
/// <param name="Content">The bytes in that encoding.</param>
internal sealed record RawBytes(string Encoding, string Content);

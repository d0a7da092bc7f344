namespace Lambda.Events;

/// <summary>A record that was refused by a decoder.</summary>
/// <param name="Index">Its place in the batch of records that was decoded.</param>
/// <param name="Reason">Why, as a fixed word.</param>
/// <param name="Detail">Why, in a sentence that names the member.</param>
internal readonly record struct RejectedRecord(int Index, RejectReason Reason, string Detail);

namespace Lambda.Events.Json;

/// <summary>Why a record was not decoded.</summary>
/// <param name="Reason">As a fixed word.</param>
/// <param name="Detail">In a sentence that names the member.</param>
internal readonly record struct Refusal(RejectReason Reason, string Detail);

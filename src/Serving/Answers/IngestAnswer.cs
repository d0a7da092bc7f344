namespace Lambda.Serving.Answers;

/// <summary>What became of the records of an ingest request.</summary>
/// <param name="Accepted">How many are in the log, durably.</param>
/// <param name="Rejected">How many were refused; they are not in the log.</param>
/// <param name="Errors">The first of the refused ones.</param>
internal sealed record IngestAnswer(int Accepted, int Rejected, IReadOnlyList<RecordError> Errors);

/// <summary>A record that was refused.</summary>
/// <param name="Index">Its place in the request, from 0; empty lines do not count.</param>
/// <param name="Reason">Why, as a fixed word.</param>
/// <param name="Detail">Why, in a sentence.</param>
internal sealed record RecordError(int Index, string Reason, string Detail);

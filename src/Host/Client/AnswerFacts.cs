namespace Lambda.Hosting.Client;

/// <summary>What the rows of an answer do not show themselves.</summary>
/// <param name="IsTruncated">There are more rows than were asked for.</param>
/// <param name="IsIncomplete">Neither layer holds all events of the view yet.</param>
internal readonly record struct AnswerFacts(bool IsTruncated, bool IsIncomplete);

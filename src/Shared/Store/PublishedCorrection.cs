namespace Lambda.Store;

/// <summary>A correction and the publication that made it.</summary>
/// <param name="Generation">The generation that was published.</param>
/// <param name="PublishedAt">When, in UTC, or shortly before: those of a publication that has many are written ahead of it.</param>
/// <param name="Correction">What changed.</param>
internal sealed record PublishedCorrection(long Generation, DateTimeOffset PublishedAt, Correction Correction);

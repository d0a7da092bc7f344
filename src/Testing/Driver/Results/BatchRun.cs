namespace Lambda.Testing;

/// <summary>A run of the batch layer.</summary>
/// <param name="Generation">The number of what it has published.</param>
/// <param name="Boundary">Per partition the first offset that it does not cover.</param>
/// <param name="Events">How many events it has read; records that cannot be decoded are none.</param>
/// <param name="Repetitions">How many of them it removed because they are there already.</param>
/// <param name="Quarantined">How many of them a row check refused.</param>
public sealed record BatchRun(long Generation, IReadOnlyList<long> Boundary, int Events, int Repetitions, int Quarantined);

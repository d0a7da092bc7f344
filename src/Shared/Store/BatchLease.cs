namespace Lambda.Store;

/// <summary>The right to run batch work on a stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Owner">Who holds it.</param>
/// <param name="Fence">Rises with each new owner; every write carries it.</param>
internal sealed record BatchLease(string Stream, string Owner, long Fence);

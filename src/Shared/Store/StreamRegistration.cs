using Lambda.Views;

namespace Lambda.Store;

/// <summary>What a store must know of a stream.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="Partitions">Its number of partitions.</param>
/// <param name="Views">The layouts of the views declared now.</param>
internal sealed record StreamRegistration(string Stream, int Partitions, IReadOnlyList<PartialLayout> Views)
{
    /// <summary>
    /// Per partition the offset that a stream which is new to the store begins at, which is where its log began then; without effect on a stream that is
    /// known. Null where every partition begins at 0.
    /// </summary>
    public Boundary? Starts { get; init; }

    /// <summary>
    /// The log that the stream's positions are of, where it has an identity: a store that is apart from the log takes note of it, and refuses another one. Null
    /// where brokers hold the log.
    /// </summary>
    public Guid? Log { get; init; }
}

using Lambda.Store;

namespace Lambda.Jobs;

/// <summary>
/// Tells whether a process has the history that results were computed from. The batch layer, whose history it is, implements it; a process that sees none has no such service.
/// </summary>
internal interface IHistoryCheck
{
    /// <summary>What a person has to see to about the history of a stream; null when it is the one that what is served was computed from.</summary>
    ValueTask<string?> FindProblemAsync(StreamStatus stream, CancellationToken cancellationToken);
}

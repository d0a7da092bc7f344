namespace Lambda.Store;

/// <summary>Where streams stand, for every layer.</summary>
internal interface IStreamStore
{
    /// <summary>The state of a stream; null when the store does not know it.</summary>
    ValueTask<StreamStatus?> ReadStreamAsync(string stream, CancellationToken cancellationToken);
}

namespace Lambda.Store;

/// <summary>
/// Where partials, generations and everything the layers say about them is kept. One interface per layer; a store implements all of
/// them over the same data.
/// </summary>
/// <remarks>
/// Promises of every implementation: each call that changes something is one transaction, durable when it completes; reads that return
/// several things return them as of one instant; all members are safe to call from several threads at once.
/// </remarks>
internal interface IViewStore : ISpeedStore, IBatchStore, IServingStore, IEditionStore, IAsyncDisposable
{
    /// <summary>
    /// Makes the store ready for a stream and its views: creates what is missing, keeps what is there. A view version that is new to a stream
    /// with partitions in progress is covered by the speed layer from each partition's next offset on, which is remembered as its coverage. A
    /// version that is not registered any more is withdrawn; when it comes back after the stream went on without it, it is covered anew. A stream with more
    /// partitions than before grows (<see cref="ISpeedStore.GrowAsync"/>).
    /// </summary>
    /// <exception cref="ViewStoreException">The stream was registered with more partitions, or a version with other columns.</exception>
    ValueTask RegisterAsync(StreamRegistration registration, CancellationToken cancellationToken);
}

namespace Lambda.Store;

/// <summary>Where a log has lost records before they were read, and a person has said to go on without them.</summary>
internal interface IGapStore
{
    /// <summary>
    /// Remembers for good that a stream goes on without a range of offsets. A range that is known is left alone; one that overlaps others is kept beside
    /// them.
    /// </summary>
    /// <exception cref="ViewStoreException">The store does not know the stream or its partition.</exception>
    /// <exception cref="ArgumentException">The range is empty.</exception>
    ValueTask AcceptGapAsync(LogGap gap, CancellationToken cancellationToken);

    /// <summary>The gaps of a stream, by partition and offset.</summary>
    ValueTask<IReadOnlyList<LogGap>> ReadGapsAsync(string stream, CancellationToken cancellationToken);
}

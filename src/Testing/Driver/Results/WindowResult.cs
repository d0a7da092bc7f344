namespace Lambda.Testing;

/// <summary>The result of a view for one key and window.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TResult">The aggregates.</typeparam>
/// <param name="Key">The group key.</param>
/// <param name="Start">Where the window begins.</param>
/// <param name="End">Where it ends, exclusive.</param>
/// <param name="Result">The aggregates.</param>
/// <param name="EventCount">How many events went into them.</param>
/// <param name="Status">Whether it can still change.</param>
public sealed record WindowResult<TKey, TResult>(
    TKey Key, DateTimeOffset Start, DateTimeOffset End, TResult Result, long EventCount, WindowStatus Status);

/// <summary>Whether a window can still change.</summary>
public enum WindowStatus
{
    /// <summary>The watermark has not passed its end: more events are expected.</summary>
    Open,

    /// <summary>The watermark has passed its end.</summary>
    Complete,

    /// <summary>Complete, and a run of the batch layer has changed what was served before.</summary>
    Corrected,
}

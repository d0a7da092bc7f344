namespace Lambda.Testing;

/// <summary>
/// One key and window in both layers, over the same events. Where the order of events makes the windows, as when they count them, an event that the
/// batch layer removes moves those behind it, so that a window can differ though nothing of its own is late or removed.
/// </summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TResult">The aggregates.</typeparam>
/// <param name="Key">The group key.</param>
/// <param name="Start">Where the window begins.</param>
/// <param name="End">Where it ends, exclusive.</param>
/// <param name="Batch">What the batch layer says; null when it counts no event there.</param>
/// <param name="Speed">What the speed layer says; null when it counts no event there.</param>
/// <param name="Late">How many events came too late for the speed layer. The batch layer counts them.</param>
/// <param name="Duplicates">How many events the batch layer removed as repetitions. The speed layer counted them.</param>
/// <param name="Quarantined">How many events a row check of the batch layer removed. The speed layer counted them.</param>
/// <param name="Unexplained">
/// What these reasons do not explain, in a sentence; null when they explain everything, as they always do for aggregators that keep the laws
/// (see <see cref="AggregatorLaws"/>).
/// </param>
public sealed record WindowComparison<TKey, TResult>(
    TKey Key,
    DateTimeOffset Start,
    DateTimeOffset End,
    WindowResult<TKey, TResult>? Batch,
    WindowResult<TKey, TResult>? Speed,
    long Late,
    long Duplicates,
    long Quarantined,
    string? Unexplained);

/// <summary>What a batch run has changed in a window that was served before.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TResult">The aggregates.</typeparam>
/// <param name="Key">The group key.</param>
/// <param name="Start">Where the window begins.</param>
/// <param name="End">Where it ends, exclusive.</param>
/// <param name="Before">What was served of the events below the run's boundary; null when there was nothing.</param>
/// <param name="After">What is served of them now; null when there is nothing any more.</param>
public sealed record WindowCorrection<TKey, TResult>(
    TKey Key, DateTimeOffset Start, DateTimeOffset End, WindowResult<TKey, TResult>? Before, WindowResult<TKey, TResult>? After);

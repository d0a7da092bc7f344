namespace Lambda.Store;

/// <summary>Where a stream stands, and how much of it the speed layer has computed for views, all at one instant.</summary>
/// <param name="Stream">The state of the stream; null when the store does not know it.</param>
/// <param name="Views">The views that were asked for, in their order.</param>
internal sealed record StreamCoverage(StreamStatus? Stream, IReadOnlyList<ViewCoverage> Views);

/// <summary>How much of its stream the speed layer has computed for a version of a view.</summary>
/// <param name="From">From which offsets on.</param>
/// <param name="ComparableFrom">Windows that begin here or later, in UTC microseconds, have all their speed partials; earlier ones may have lost some to expiry.</param>
internal sealed record ViewCoverage(Boundary From, long ComparableFrom);

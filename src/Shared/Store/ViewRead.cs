using Lambda.Views;

namespace Lambda.Store;

/// <summary>Which partials a query needs.</summary>
/// <param name="View">The view version.</param>
/// <param name="Range">Slices that overlap this range are read.</param>
/// <param name="Key">Values that key parts must have, by their place in the layout; a part that is not named may have any. Values are of the
/// C# type of the column; null means null.</param>
/// <param name="Scope">Which of the layers' partials are read.</param>
internal sealed record ViewRead(PartialLayout View, WindowRange Range, IReadOnlyDictionary<int, object?> Key, ReadScope Scope);

/// <summary>Which partials are read.</summary>
internal enum ReadScope
{
    /// <summary>The current generation's kept partials and the speed partials from its boundary on: what merged and batch answers need.</summary>
    Merged,

    /// <summary>Speed partials of all epochs that are kept, below the boundary and above, and nothing of the batch layer.</summary>
    Speed,

    /// <summary>All kinds of partials of the current generation, and the speed partials below its boundary: two views of the same offsets.</summary>
    Comparison,
}

/// <summary>A half-open range of event time in UTC microseconds.</summary>
/// <param name="From">The first instant.</param>
/// <param name="To">The first instant after it.</param>
internal readonly record struct WindowRange(long From, long To)
{
    /// <summary>All of time.</summary>
    public static readonly WindowRange All = new(long.MinValue, long.MaxValue);
}

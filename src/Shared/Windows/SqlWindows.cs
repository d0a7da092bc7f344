namespace Lambda.Windows;

/// <summary>How windows are made of partials.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Size">In microseconds, how long a window is; zero where the rule does not ask.</param>
/// <param name="Slide">In microseconds, how far the starts of windows are apart; zero where the rule does not ask.</param>
/// <param name="Offset">In microseconds from the epoch, where a window starts; zero where the rule does not ask.</param>
internal sealed record SqlWindows(SqlWindowRule Rule, long Size = 0, long Slide = 0, long Offset = 0);

/// <summary>A rule by which partials make up windows.</summary>
internal enum SqlWindowRule
{
    /// <summary>Each slice is a window.</summary>
    Slice,

    /// <summary>The one slice is the one window, and has no end.</summary>
    AllTime,

    /// <summary>
    /// A slice is part of every window that begins at <c>offset + n · slide</c>, is <c>size</c> long and holds it, but for as many of the earliest as its
    /// partials missed. Slices begin where windows begin, and <c>size mod slide</c> behind.
    /// </summary>
    Slides,

    /// <summary>Intervals of a key that overlap or touch are one window.</summary>
    Session,
}

namespace Lambda.Views.Composing;

/// <summary>A set of partials that goes into a composition. Made by <see cref="WindowComposer.AddSource"/>.</summary>
/// <param name="Index">Its place among the sources of the composition.</param>
/// <param name="Selection">Which of its partials a window takes.</param>
/// <param name="Role">What they are taken for.</param>
internal sealed record PartialSource(int Index, PartialSelection Selection, SourceRole Role);

/// <summary>What partials of a source are taken for.</summary>
internal enum SourceRole
{
    /// <summary>Their events count in the results of windows.</summary>
    Result,

    /// <summary>Windows only tell how many of their events belong to them.</summary>
    Tally,

    /// <summary>
    /// Windows only tell how many of their events belong to them, but sessions are cut as if they counted: so that the sessions of two compositions are
    /// the same ones when both have the same events, whichever of these count.
    /// </summary>
    JoiningTally,
}

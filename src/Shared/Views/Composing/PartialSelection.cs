namespace Lambda.Views.Composing;

/// <summary>Which partials of the speed layer a window is composed of.</summary>
internal enum PartialSelection
{
    /// <summary>Those that the window accepted: what the speed layer answers.</summary>
    Accepted,

    /// <summary>Those that the window refused because they were late.</summary>
    Late,

    /// <summary>Both: every event of the window that was read.</summary>
    AcceptedAndLate,
}

namespace Lambda.Store;

/// <summary>Which partials of a key are near another partial of it.</summary>
internal abstract record Nearness
{
    private Nearness()
    {
    }

    /// <summary>All of the key.</summary>
    public static Nearness OfKey { get; } = new Whole();

    /// <summary>Of the partition that the other one is of, the one whose first event comes last. For partials that have positions.</summary>
    public static Nearness Last { get; } = new Newest();

    /// <summary>Of the partition that the other one is of, those that begin where it begins, and behind. For partials that have positions.</summary>
    public static Nearness FromThereOn { get; } = new Following();

    /// <summary>Those whose interval comes so near to the other one's; with 0, those that overlap or touch it.</summary>
    /// <param name="microseconds">How near, at most.</param>
    public static Nearness Within(long microseconds) => new Near(microseconds);

    /// <inheritdoc cref="Within"/>
    internal sealed record Near(long Microseconds) : Nearness;

    /// <inheritdoc cref="OfKey"/>
    internal sealed record Whole : Nearness;

    /// <inheritdoc cref="Last"/>
    internal sealed record Newest : Nearness;

    /// <inheritdoc cref="FromThereOn"/>
    internal sealed record Following : Nearness;
}

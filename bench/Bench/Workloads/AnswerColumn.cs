namespace Lambda.Bench.Workloads;

/// <summary>What a column of the peer's answer is, so that it can be compared with ours.</summary>
internal enum AnswerRole
{
    /// <summary>Where the window starts, in units of <see cref="AnswerColumn.Unit"/> microseconds.</summary>
    Start,

    /// <summary>The last event of the window.</summary>
    Last,

    /// <summary>A part of the key.</summary>
    Key,

    /// <summary>A result.</summary>
    Result,

    /// <summary>Something that only the query needs.</summary>
    Ignored,
}

/// <param name="Role">What it is.</param>
/// <param name="Unit">For a start how many microseconds its unit has; for a last event how much earlier it is than our window's end.</param>
internal sealed record AnswerColumn(AnswerRole Role, long Unit = 1)
{
    public static AnswerColumn Key { get; } = new(AnswerRole.Key);

    public static AnswerColumn Result { get; } = new(AnswerRole.Result);

    public static AnswerColumn Ignored { get; } = new(AnswerRole.Ignored);

    public static AnswerColumn Start(long unit) => new(AnswerRole.Start, unit);

    public static AnswerColumn Last(long gap) => new(AnswerRole.Last, gap);
}

namespace Lambda.Log;

/// <summary>A half-open range of offsets, <c>[Start, End)</c>.</summary>
/// <param name="Start">The first offset in the range.</param>
/// <param name="End">The first offset after the range; equal to <paramref name="Start"/> when it is empty.</param>
public readonly record struct OffsetRange(long Start, long End)
{
    /// <summary>Whether no offset lies in the range.</summary>
    public bool IsEmpty => Start >= End;

    /// <inheritdoc/>
    public override string ToString() => $"[{Start}, {End})";
}

namespace Lambda.TestSupport.Oracle;

/// <summary>Windows of one size that start at an offset plus any whole number of slides. All in microseconds.</summary>
public sealed class OracleSliding(long size, long slide, long offset = 0) : OracleFixedWindows
{
    /// <summary>Windows whose slide is their size.</summary>
    public static OracleSliding Tumbling(long size, long offset = 0) => new(size, size, offset);

    /// <inheritdoc/>
    protected override IEnumerable<(long Start, long End)> WindowsOf(long time)
    {
        // The greatest start that is not after the instant, and all before it whose windows reach beyond the instant.
        decimal number = Math.Floor(((decimal)time - offset) / slide);
        for (decimal start = offset + (number * slide); start + size > time; start -= slide)
        {
            yield return ((long)start, (long)(start + size));
        }
    }
}

namespace Lambda.Batch;

/// <summary>
/// The arrays that work over many rows leaves behind. There are few of them and they are large, so that the collector would not look at them before as much has
/// been allocated once more, by work that comes next or runs beside.
/// </summary>
internal static class LargeArrays
{
    private const long ManyRows = 1_000_000;

    /// <summary>Has the collector look for what was left behind, in the background, if it is much.</summary>
    /// <param name="rows">How many rows the work was over, which has ended.</param>
    public static void Collect(long rows)
    {
        if (rows >= ManyRows)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Default, blocking: false);
        }
    }
}

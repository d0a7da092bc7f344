namespace Lambda.Windows;

/// <summary>What follows from the windows of a slice.</summary>
internal static class SlicingExtensions
{
    /// <summary>
    /// How many of a slice's windows refuse an event at this watermark. Windows are ordered by their end, so it is always the earliest ones.
    /// As many as the slice has windows means that the event is late.
    /// </summary>
    public static int CountRefusals(this ISlicing slicing, long sliceStart, long watermark, long allowedLateness)
    {
        int count = slicing.WindowCount(sliceStart);
        int missed = 0;
        while (missed < count && slicing.WindowAt(sliceStart, missed).Refuses(watermark, allowedLateness))
        {
            missed++;
        }

        return missed;
    }
}

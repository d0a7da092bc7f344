namespace Lambda.Windows;

/// <summary>Windows whose place in time does not depend on the events, so that they can be composed of slices.</summary>
internal sealed class SlicedWindows(string form, string size, string signature, ISlicing slicing) : WindowSpec
{
    internal override string Form => form;

    internal override string Size => size;

    internal override string Signature => signature;

    /// <summary>How time is cut.</summary>
    internal ISlicing Slicing => slicing;

    internal override bool IsComplete(TimeWindow window, long events, long watermark) => window.IsComplete(watermark);
}

using Lambda.Windows;

namespace Lambda.Views.Composing;

/// <summary>A slice is part of every window that it lies in and that did not refuse its events, or did, when late ones are wanted.</summary>
internal sealed class SliceFold(ISlicing slicing) : WindowFold
{
    public override void Fold(PartialRows partials, FoldedWindows windows)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            PartialRow partial = partials[row];
            long start = partial.Interval.Start;
            int count = slicing.WindowCount(start);
            int passed = slicing.CountEndedBefore(start, windows.Range);
            (int first, int end) = partial.Source.Selection switch
            {
                PartialSelection.Accepted => (partial.Missed, count),
                PartialSelection.Late => (0, partial.Missed),
                _ => (0, count),
            };
            for (int position = Math.Max(first, passed); position < end; position++)
            {
                TimeWindow window = slicing.WindowAt(start, position);
                if (window.Start >= windows.Range.End)
                {
                    break;
                }

                windows.Add(row, new FoldedWindow(partial.Key, window, null));
            }
        }
    }
}

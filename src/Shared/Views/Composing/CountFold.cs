using Lambda.Views.Counts;
using Lambda.Windows;

namespace Lambda.Views.Composing;

/// <summary>
/// Joins the events of each key and partition to windows, in the order of their offsets. Removed events, which are only tallied, take no place in a
/// window: they belong to the one that was open where they stand, or to the first.
/// </summary>
internal sealed class CountFold(CountWindows form) : WindowFold
{
    public override void Fold(PartialRows partials, FoldedWindows windows)
    {
        // No event is ever late.
        int[] order = [.. Enumerable.Range(0, partials.Count).Where(row => partials[row].Source.Selection != PartialSelection.Late)];
        Array.Sort(order, (a, b) => Compare(partials[a], partials[b]));
        for (int next = 0; next < order.Length;)
        {
            int end = next + 1;
            while (end < order.Length && IsSameSequence(partials[order[next]], partials[order[end]]))
            {
                end++;
            }

            FoldSequence(partials, order.AsSpan(next, end - next), windows);
            next = end;
        }
    }

    private void FoldSequence(PartialRows partials, ReadOnlySpan<int> sequence, FoldedWindows windows)
    {
        int opening = 0;
        while (opening < sequence.Length && partials[sequence[opening]].Source.Role != SourceRole.Result)
        {
            opening++;
        }

        // Where every event was removed, the windows are those that the removed ones had made up.
        bool hasResults = opening < sequence.Length;
        FoldedWindow window = WindowOf(partials[sequence[hasResults ? opening : 0]]);
        CountWalk walk = new(form);
        foreach (int row in sequence)
        {
            PartialRow partial = partials[row];
            if ((!hasResults || partial.Source.Role == SourceRole.Result)
                && !walk.Joins(partial.Key, partial.First!.Value, partial.Interval.Start, partial.Events))
            {
                window = WindowOf(partial);
            }

            windows.Add(row, window);
        }
    }

    private FoldedWindow WindowOf(PartialRow opening) => new(opening.Key, form.WindowOf(opening.Interval.Start), opening.First);

    private static bool IsSameSequence(PartialRow a, PartialRow b) => a.Key == b.Key && a.First!.Value.Partition == b.First!.Value.Partition;

    private static int Compare(PartialRow a, PartialRow b)
    {
        int order = a.Key.CompareTo(b.Key);
        return order != 0 ? order : Nullable.Compare(a.First, b.First);
    }
}

using Lambda.Windows;

namespace Lambda.Views.Composing;

/// <summary>
/// The partials of a key whose intervals overlap or touch are one session, whatever partition, epoch or generation they are of. Those that are only
/// tallied extend and connect no session, unless it is said that they do (<see cref="SourceRole.JoiningTally"/>): those that overlap or touch one another
/// belong together to the earliest session that any of them touches, and are a session without results where they touch none. So it makes no difference
/// which of them were one partial already, as events of an epoch are.
/// </summary>
internal sealed class SessionFold : WindowFold
{
    public override void Fold(PartialRows partials, FoldedWindows windows)
    {
        Dictionary<int, KeyRows> byKey = [];
        for (int row = 0; row < partials.Count; row++)
        {
            PartialRow partial = partials[row];
            if (IsSelected(partial))
            {
                if (!byKey.TryGetValue(partial.Key, out KeyRows? rows))
                {
                    rows = new KeyRows();
                    byKey.Add(partial.Key, rows);
                }

                (partial.Source.Role == SourceRole.Tally ? rows.Tallies : rows.Joining).Add(row);
            }
        }

        foreach ((int key, KeyRows rows) in byKey)
        {
            List<TimeWindow> sessions = [];
            Sort(rows.Joining, partials);
            for (int first = 0, end; first < rows.Joining.Count; first = end)
            {
                TimeWindow session = Connected(rows.Joining, first, partials, out end);
                Add(rows.Joining, first, end, new FoldedWindow(key, session, null), windows);
                sessions.Add(session);
            }

            Sort(rows.Tallies, partials);
            for (int first = 0, end; first < rows.Tallies.Count; first = end)
            {
                TimeWindow interval = Connected(rows.Tallies, first, partials, out end);
                int touched = FirstThatEndsAtOrAfter(sessions, interval.Start);
                bool touches = touched < sessions.Count && sessions[touched].Start <= interval.End;
                Add(rows.Tallies, first, end, new FoldedWindow(key, touches ? sessions[touched] : interval, null), windows);
            }
        }
    }

    private static bool IsSelected(PartialRow partial) => partial.Source.Selection switch
    {
        PartialSelection.Accepted => partial.Missed == 0,
        PartialSelection.Late => partial.Missed > 0,
        _ => true,
    };

    private static void Sort(List<int> rows, PartialRows partials) =>
        rows.Sort((a, b) => partials[a].Interval.Start.CompareTo(partials[b].Interval.Start));

    /// <summary>What the partials from one on that overlap or touch one another cover; of rows that are sorted by start.</summary>
    private static TimeWindow Connected(List<int> rows, int first, PartialRows partials, out int end)
    {
        TimeWindow interval = partials[rows[first]].Interval;
        end = first + 1;
        while (end < rows.Count && partials[rows[end]].Interval.Start <= interval.End)
        {
            interval = interval.Union(partials[rows[end]].Interval);
            end++;
        }

        return interval;
    }

    private static void Add(List<int> rows, int first, int end, FoldedWindow window, FoldedWindows windows)
    {
        for (; first < end; first++)
        {
            windows.Add(rows[first], window);
        }
    }

    private static int FirstThatEndsAtOrAfter(List<TimeWindow> sessions, long instant)
    {
        int low = 0;
        int high = sessions.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sessions[middle].End < instant)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private sealed class KeyRows
    {
        /// <summary>Those that make sessions.</summary>
        public List<int> Joining { get; } = [];

        /// <summary>Those that belong to sessions.</summary>
        public List<int> Tallies { get; } = [];
    }
}

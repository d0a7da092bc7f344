using Lambda.Windows;

namespace Lambda.Views.Composing;

/// <summary>
/// The partials of a key whose intervals overlap or touch are one session, whatever partition, epoch or generation they are of. Those that are only
/// tallied extend and connect no session, unless it is said that they do (<see cref="SourceRole.JoiningTally"/>): each belongs to the earliest one that it
/// touches. Those that touch none are sessions without results.
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
            List<TimeWindow> sessions = Coalesce(key, rows.Joining, partials, windows);
            List<int> alone = [];
            foreach (int row in rows.Tallies)
            {
                TimeWindow interval = partials[row].Interval;
                int first = FirstThatEndsAtOrAfter(sessions, interval.Start);
                if (first < sessions.Count && sessions[first].Start <= interval.End)
                {
                    windows.Add(row, new FoldedWindow(key, sessions[first], null));
                }
                else
                {
                    alone.Add(row);
                }
            }

            Coalesce(key, alone, partials, windows);
        }
    }

    private static bool IsSelected(PartialRow partial) => partial.Source.Selection switch
    {
        PartialSelection.Accepted => partial.Missed == 0,
        PartialSelection.Late => partial.Missed > 0,
        _ => true,
    };

    /// <summary>Joins partials to sessions, and gives these by start.</summary>
    private static List<TimeWindow> Coalesce(int key, List<int> rows, PartialRows partials, FoldedWindows windows)
    {
        rows.Sort((a, b) => partials[a].Interval.Start.CompareTo(partials[b].Interval.Start));
        List<TimeWindow> sessions = [];
        for (int first = 0; first < rows.Count;)
        {
            TimeWindow session = partials[rows[first]].Interval;
            int end = first + 1;
            while (end < rows.Count && partials[rows[end]].Interval.Start <= session.End)
            {
                session = session.Union(partials[rows[end]].Interval);
                end++;
            }

            for (; first < end; first++)
            {
                windows.Add(rows[first], new FoldedWindow(key, session, null));
            }

            sessions.Add(session);
        }

        return sessions;
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

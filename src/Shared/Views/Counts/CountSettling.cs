using Lambda.Windows;

namespace Lambda.Views.Counts;

/// <summary>Puts runs together to windows while events are still to come, as far as these can neither come between them nor join.</summary>
/// <param name="form">The form of the windows.</param>
/// <param name="known">Which events are known.</param>
internal sealed class CountSettling(CountWindows form, KnownEvents known)
{
    /// <summary>The spans that runs come to.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="order">Their places, by key, partition and offset.</param>
    public IEnumerable<Span> Walk(CountRun[] runs, int[] order)
    {
        int first = 0;
        while (first < order.Length)
        {
            CountRun opening = runs[order[first]];
            CountWalk window = new(form);
            Joins(ref window, opening);
            int end = first + 1;
            for (; IsKnown(opening) && FindBeside(opening, runs, order, end) is { } next && IsKnown(next) && Joins(ref window, next); end++)
            {
            }

            yield return new Span(first, end, IsKnown(opening) && IsSettled(opening, window, FindBeside(opening, runs, order, end)));
            first = end;
        }
    }

    /// <summary>The run at a place of the order, if it can be in one window with the opening one. Not a function within the walk, which would allocate for each window.</summary>
    private static CountRun? FindBeside(CountRun opening, CountRun[] runs, int[] order, int place) =>
        place < order.Length && runs[order[place]] is var run && run.IsBeside(opening) ? run : null;

    /// <summary>Whether a run joins a window, which stays as it is where it does not.</summary>
    private static bool Joins(ref CountWalk window, CountRun run)
    {
        CountWalk tried = window;
        bool joins = tried.Joins(run.Key, run.First, run.Time, run.Events);
        window = joins || window.IsEmpty ? tried : window;
        return joins;
    }

    private bool IsKnown(CountRun run) => known.HasAllBefore(run.First.Partition, run.First.Offset);

    /// <summary>
    /// Whether a window takes no more. One that is not full, and behind which nothing known begins the next one, is so when its time is over: what is to come is later and begins
    /// the next one. But a run that is known and would join, may still find one of those before it, or not.
    /// </summary>
    private bool IsSettled(CountRun opening, CountWalk window, CountRun? behind)
    {
        if (window.IsFull)
        {
            return true;
        }

        bool joins = behind is { } next && Joins(ref window, next);
        bool isFollowed = behind is { } follower && IsKnown(follower);
        return !joins && (isFollowed || form.WindowOf(opening.Time).End <= known.Until);
    }

    /// <summary>Runs that follow on one another in the order.</summary>
    /// <param name="First">The place of the first in the order.</param>
    /// <param name="End">The place behind the last.</param>
    /// <param name="IsSettled">Whether they are a whole window; otherwise events to come may join behind them.</param>
    internal readonly record struct Span(int First, int End, bool IsSettled);
}

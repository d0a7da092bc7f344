using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Serving.Queries;

/// <summary>
/// Tells apart the windows of which the layers say the same, with nothing late and nothing removed, by their slices alone. They are counted; only the others have to be
/// composed, which are few among millions.
/// </summary>
internal sealed class AgreedWindows
{
    private readonly SliceWindows _others;

    /// <param name="view">The view, whose windows are made of slices.</param>
    /// <param name="slicing">How they are made of them.</param>
    /// <param name="snapshot">What both layers have.</param>
    /// <param name="range">Windows that overlap it count.</param>
    public AgreedWindows(ViewDefinition view, ISlicing slicing, ViewSnapshot snapshot, TimeWindow range)
    {
        _others = new SliceWindows(view, slicing, new TimeWindow(snapshot.ComparableFrom, range.End));
        SliceComparison comparison = new(view, _others);
        foreach ((PartialKind kind, PartialBatch partials) in snapshot.Batch)
        {
            if (kind == PartialKind.Kept)
            {
                comparison.AddToOne(partials, PartialSelection.Accepted);
            }
            else
            {
                AddAll(partials, leastMissed: 0);
            }
        }

        comparison.AddToOther(snapshot.Speed, PartialSelection.Accepted);
        comparison.FindDifferent();

        // What was late and what was removed can cancel each other out; the difference has its reasons all the same.
        AddAll(snapshot.Speed, leastMissed: 1);
        Take(comparison, slicing, snapshot.ComparableFrom, range);
    }

    /// <summary>How many windows the layers agree on.</summary>
    public long Count { get; private set; }

    /// <summary>The events of these, in each layer.</summary>
    public long Events { get; private set; }

    /// <summary>Whether a window is one of the others.</summary>
    public bool IsOther(WindowAddress window) => _others.Contains(window);

    /// <summary>What the other windows are made of.</summary>
    public ViewSnapshot Others(ViewSnapshot snapshot) => snapshot with
    {
        Batch = snapshot.Batch.ToDictionary(kind => kind.Key, kind => _others.Among(kind.Value)),
        Speed = _others.Among(snapshot.Speed),
    };

    private void AddAll(PartialBatch partials, int leastMissed)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            if (partials.Missed[row] >= leastMissed && partials.EventCounts[row] > 0)
            {
                _others.AddOf(_others.KeyOf(partials, row), partials.Starts[row]);
            }
        }
    }

    private void Take(SliceComparison comparison, ISlicing slicing, long from, TimeWindow range)
    {
        HashSet<(int Key, long Start)> counted = [];
        foreach ((int key, long start, long events) in comparison.Slices.Where(slice => slice.Events > 0))
        {
            for (int position = 0; position < slicing.WindowCount(start); position++)
            {
                TimeWindow window = slicing.WindowAt(start, position);
                if (window.Start < from || !window.Overlaps(range) || _others.Contains(key, window.Start))
                {
                    continue;
                }

                Events += events;
                counted.Add((key, window.Start));
            }
        }

        Count = counted.Count;
    }
}

using Lambda.Events;
using Lambda.Views.Composing;
using Lambda.Views.Keys;
using Lambda.Views.Partials;
using Lambda.Windows;

namespace Lambda.Views.Comparing;

/// <summary>Some of the windows of a view that is composed of slices. Only windows that begin in a given interval are taken.</summary>
internal sealed class SliceWindows(ViewDefinition view, ISlicing slicing, TimeWindow starts)
{
    private readonly HashSet<(int Key, long Start)> _windows = [];
    private readonly GroupKeyTable _keys = new(view.Keys, new StringDictionary());
    private HashSet<WindowAddress>? _addresses;

    /// <summary>The number of windows.</summary>
    public int Count => _windows.Count;

    /// <summary>How windows are made of slices.</summary>
    public ISlicing Slicing => slicing;

    /// <summary>The id of the key of a partial.</summary>
    public int KeyOf(PartialBatch partials, int row) => _keys.FindOrAdd(partials, row);

    /// <summary>Whether a slice is part of a window that begins in the interval.</summary>
    public bool AreTakenOf(long sliceStart)
    {
        for (int position = 0; position < slicing.WindowCount(sliceStart); position++)
        {
            if (IsTaken(slicing.WindowAt(sliceStart, position)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the last window that a slice is part of begins in the interval.</summary>
    public bool HasLastOf(long sliceStart) => slicing.WindowCount(sliceStart) is var count and > 0 && IsTaken(slicing.WindowAt(sliceStart, count - 1));

    /// <summary>Adds the windows that a slice is part of.</summary>
    public void AddOf(int key, long sliceStart)
    {
        _addresses = null;
        for (int position = 0; position < slicing.WindowCount(sliceStart); position++)
        {
            TimeWindow window = slicing.WindowAt(sliceStart, position);
            if (IsTaken(window))
            {
                _windows.Add((key, window.Start));
            }
        }
    }

    /// <summary>Whether a window is one of them.</summary>
    /// <param name="key">The id of its key.</param>
    /// <param name="start">Where it begins.</param>
    public bool Contains(int key, long start) => _windows.Contains((key, start));

    /// <summary>Whether a window is one of them.</summary>
    public bool Contains(WindowAddress window)
    {
        _addresses ??= [.. _windows.Select(found => new WindowAddress(_keys.Get(found.Key), found.Start, null))];
        return _addresses.Contains(window);
    }

    /// <summary>The partials that are part of any of them.</summary>
    public PartialBatch Among(PartialBatch partials)
    {
        PartialBatch found = new(partials.Layout);
        for (int row = 0; row < partials.Count; row++)
        {
            if (ContainsAnyOf(KeyOf(partials, row), partials.Starts[row]))
            {
                found.AddFrom(partials, row);
            }
        }

        return found;
    }

    private bool ContainsAnyOf(int key, long sliceStart)
    {
        for (int position = 0; position < slicing.WindowCount(sliceStart); position++)
        {
            if (_windows.Contains((key, slicing.WindowAt(sliceStart, position).Start)))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsTaken(TimeWindow window) => window.Start >= starts.Start && window.Start < starts.End;
}

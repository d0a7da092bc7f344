using System.Runtime.InteropServices;
using Lambda.Windows;

namespace Lambda.Views.Slices;

/// <summary>The slots of slices, grouped by slice, slices in order of time.</summary>
internal sealed class SliceOrder
{
    private readonly Dictionary<long, int> _sliceOfStart = [];
    private readonly List<long> _starts = [];
    private readonly List<int> _needed = [];
    private int[] _sliceOfSlot = [];

    /// <summary>Slots by slice; those of slice i are <c>[_ends[i], _ends[i + 1])</c>.</summary>
    private int[] _slots = [];
    private int[] _ends = [];
    private bool[] _isNeeded = [];
    private int _slotCount;

    /// <summary>The number of slices.</summary>
    public int Count => _starts.Count;

    /// <summary>Where a slice begins.</summary>
    public long Start(int slice) => _starts[slice];

    /// <summary>The slots of a slice.</summary>
    public ReadOnlySpan<int> Slots(int slice) => _slots.AsSpan(_ends[slice], _ends[slice + 1] - _ends[slice]);

    /// <summary>The slices that begin within a window, <c>[First, End)</c>.</summary>
    public (int First, int End) Slices(TimeWindow window) => (LowerBound(window.Start), LowerBound(window.End));

    /// <summary>Says that the slots of a slice are still needed.</summary>
    public void Need(int slice) => _isNeeded[slice] = true;

    /// <summary>The slots of the slices that are needed, ascending.</summary>
    public ReadOnlySpan<int> Needed()
    {
        _needed.Clear();
        for (int slot = 0; slot < _slotCount; slot++)
        {
            if (_isNeeded[_sliceOfSlot[slot]])
            {
                _needed.Add(slot);
            }
        }

        return CollectionsMarshal.AsSpan(_needed);
    }

    /// <summary>Orders the slots of a table.</summary>
    public void Set(SlotTable slots)
    {
        _slotCount = slots.Count;
        if (_slots.Length < _slotCount)
        {
            _slots = new int[Math.Max(_slotCount, _slots.Length * 2)];
            _sliceOfSlot = new int[_slots.Length];
        }

        FindStarts(slots);
        Sort();
        Group();
    }

    private void FindStarts(SlotTable slots)
    {
        _sliceOfStart.Clear();
        _starts.Clear();

        // Slots come about in the order of events, and those mostly in order of time.
        int slice = -1;
        for (int slot = 0; slot < _slotCount; slot++)
        {
            long start = slots[slot].SliceStart;
            if ((slice < 0 || _starts[slice] != start) && !_sliceOfStart.TryGetValue(start, out slice))
            {
                slice = _starts.Count;
                _starts.Add(start);
                _sliceOfStart.Add(start, slice);
            }

            _sliceOfSlot[slot] = slice;
        }
    }

    /// <summary>Numbers slices in order of time instead of in the order they were met.</summary>
    private void Sort()
    {
        int[] met = [.. Enumerable.Range(0, Count)];
        CollectionsMarshal.AsSpan(_starts).Sort(met.AsSpan());
        int[] place = new int[Count];
        for (int i = 0; i < met.Length; i++)
        {
            place[met[i]] = i;
        }

        foreach (ref int slice in _sliceOfSlot.AsSpan(0, _slotCount))
        {
            slice = place[slice];
        }
    }

    private void Group()
    {
        if (_isNeeded.Length < Count)
        {
            _isNeeded = new bool[Count * 2];
            _ends = new int[_isNeeded.Length + 1];
        }

        Array.Clear(_isNeeded);
        Array.Clear(_ends);

        // Counted one place further on, so that after the sums every slice's count stands where it begins.
        for (int slot = 0; slot < _slotCount; slot++)
        {
            _ends[_sliceOfSlot[slot] + 1]++;
        }

        for (int slice = 0; slice < Count; slice++)
        {
            _ends[slice + 1] += _ends[slice];
        }

        Span<int> next = _ends.AsSpan(0, Count).ToArray();
        for (int slot = 0; slot < _slotCount; slot++)
        {
            _slots[next[_sliceOfSlot[slot]]++] = slot;
        }
    }

    private int LowerBound(long start)
    {
        int place = _starts.BinarySearch(start);
        return place >= 0 ? place : ~place;
    }
}

using Lambda.Events;
using Lambda.Views.Composing;
using Lambda.Views.Partials;
using Lambda.Views.Slices;

namespace Lambda.Views.Comparing;

/// <summary>
/// Sums up two sides of partials by key and slice, and tells which windows may not be the same on both. Windows are merged of slices, so that those whose slices
/// all have the same events and states on both sides are the same, and need not be composed to see that.
/// </summary>
/// <param name="view">The view, which has slices.</param>
/// <param name="different">Takes the windows; several comparisons can add to the same.</param>
internal sealed class SliceComparison(ViewDefinition view, SliceWindows different)
{
    /// <summary>States are compared so many at once, to stay in the processor's cache.</summary>
    private const int BlockSlots = 2048;

    private readonly SlotTable _slots = new();
    private readonly SliceSums _one = new(view);
    private readonly SliceSums _other = new(view);
    private readonly HashSet<int> _uneven = [];
    private int[] _rowSlots = [];

    /// <summary>
    /// The number of slices by key. One that windows of different intervals are made of is looked at for each of these, and counted where its last window begins.
    /// </summary>
    public int CountSlices()
    {
        int count = 0;
        for (int slot = 0; slot < _slots.Count; slot++)
        {
            count += different.HasLastOf(_slots[slot].SliceStart) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The slices by key, with how many events the first side has.</summary>
    public IEnumerable<(int Key, long Start, long Events)> Slices =>
        Enumerable.Range(0, _slots.Count).Select(slot => (_slots[slot].Key, _slots[slot].SliceStart, _one.Events(slot)));

    /// <summary>Adds partials to the first side.</summary>
    /// <param name="partials">Partials of the view.</param>
    /// <param name="selection">Which of their events count.</param>
    public void AddToOne(PartialBatch partials, PartialSelection selection) => Add(_one, partials, selection);

    /// <summary>Adds partials to the other side.</summary>
    /// <inheritdoc cref="AddToOne"/>
    public void AddToOther(PartialBatch partials, PartialSelection selection) => Add(_other, partials, selection);

    /// <summary>Finds the windows that may differ, and adds them to those given; others are the same on both sides.</summary>
    public void FindDifferent()
    {
        _one.EnsureSlots(_slots.Count);
        _other.EnsureSlots(_slots.Count);
        ColumnBuffer[] ofOne = NewColumns();
        ColumnBuffer[] ofOther = NewColumns();
        for (int first = 0; first < _slots.Count; first += BlockSlots)
        {
            int end = Math.Min(_slots.Count, first + BlockSlots);
            _one.Write(first, end, ofOne);
            _other.Write(first, end, ofOther);
            for (int slot = first; slot < end; slot++)
            {
                if (_one.Events(slot) != _other.Events(slot) || _uneven.Contains(slot) || !AreSame(ofOne, ofOther, slot - first))
                {
                    different.AddOf(_slots[slot].Key, _slots[slot].SliceStart);
                }
            }
        }
    }

    private void Add(SliceSums side, PartialBatch partials, PartialSelection selection)
    {
        if (_rowSlots.Length < partials.Count)
        {
            _rowSlots = new int[partials.Count];
        }

        Span<int> slots = _rowSlots.AsSpan(0, partials.Count);
        for (int row = 0; row < slots.Length; row++)
        {
            slots[row] = SliceSums.NoSlot;
            long start = partials.Starts[row];
            int missed = partials.Missed[row];
            bool isPartly = selection == PartialSelection.Accepted && missed > 0;
            if ((isPartly && missed == different.Slicing.WindowCount(start)) || !different.AreTakenOf(start))
            {
                continue;
            }

            int slot = _slots.FindOrAdd(different.KeyOf(partials, row), start, missed: 0, events: 0);
            if (isPartly)
            {
                // Some windows of the slice have these events and some have not, so that no sum speaks for all.
                _uneven.Add(slot);
            }
            else
            {
                slots[row] = slot;
            }
        }

        side.EnsureSlots(_slots.Count);
        side.Merge(partials, slots);
    }

    private ColumnBuffer[] NewColumns() => view.Aggregates.Count == 0 ? [] : [.. view.Layout.States.Select(state => ColumnBuffer.Create(state.Type))];

    private static bool AreSame(ColumnBuffer[] one, ColumnBuffer[] other, int row)
    {
        for (int i = 0; i < one.Length; i++)
        {
            if (!one[i].HasSame(row, other[i], row))
            {
                return false;
            }
        }

        return true;
    }
}

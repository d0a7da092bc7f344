using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Views.Closing;
using Lambda.Views.Counts;
using Lambda.Views.Keys;
using Lambda.Views.Partials;
using Lambda.Views.Sessions;
using Lambda.Views.Slices;
using Lambda.Windows;

namespace Lambda.Views.Tables;

/// <summary>
/// Partials of one view in memory: what an operator adds events to. How partials are addressed depends on the form of the windows; a slot is a
/// partial's place in the columns of accumulators. Not safe for use by several threads at once.
/// </summary>
internal abstract class PartialTable
{
    private readonly AggregateState[] _states;
    private readonly int _ownStates;

    /// <summary>Null when all accumulators are of one size.</summary>
    private readonly StateWeight? _weight;
    private int[] _mergedSlots = [];

    protected PartialTable(ViewDefinition view, StringDictionary dictionary)
    {
        View = view;
        _states = AggregateStates.Create(view);
        _ownStates = view.Aggregates.Count(aggregate => aggregate.Shared is null);
        _weight = StateWeight.Of(view);
        Keys = new GroupKeyTable(view.Keys, dictionary);
    }

    /// <summary>The keys seen.</summary>
    public GroupKeyTable Keys { get; }

    /// <summary>One column of accumulators per aggregate, indexed by slot.</summary>
    public IReadOnlyList<AggregateState> States => _states;

    /// <summary>The number of slots.</summary>
    public abstract int Count { get; }

    /// <summary>How many events came too late for all their windows, in all epochs up to the last export of touched partials.</summary>
    public virtual long LateEvents => 0;

    /// <summary>Roughly how many bytes the table holds; the dictionary aside, which others share.</summary>
    /// <exception cref="AggregatorException">A user's aggregator throws when it writes a state.</exception>
    public long ByteCount => Keys.ByteCount + AddressByteCount + (Count * 32L * _ownStates) + (_weight?.ByteCount(_states, Count) ?? 0);

    /// <summary>The view.</summary>
    protected ViewDefinition View { get; }

    /// <summary>Roughly how many bytes the addresses take.</summary>
    protected abstract long AddressByteCount { get; }

    /// <summary>Creates the table for a view's form of windows.</summary>
    public static PartialTable Create(ViewDefinition view, StringDictionary dictionary) => view.Window switch
    {
        SlicedWindows windows => new SlicePartials(view, windows.Slicing, dictionary),
        SessionWindows windows => new SessionPartials(view, windows, dictionary),
        CountWindows windows => new CountPartials(view, windows, dictionary),
        _ => throw new DefinitionException($"View '{view.Name}': there are no partials for {view.Window}."),
    };

    /// <summary>Counts events, and makes room in the columns of accumulators.</summary>
    /// <param name="rows">The events.</param>
    /// <param name="slots">Takes per place the slot that the event belongs to.</param>
    public void Assign(in AddressedRows rows, Span<int> slots)
    {
        AssignSlots(rows, slots);
        EnsureStates();
        _weight?.OnAdded(rows.Count);
    }

    /// <summary>Merges partials, whatever partition, epoch or generation they are of.</summary>
    public void Merge(PartialBatch partials)
    {
        if (_mergedSlots.Length < partials.Count)
        {
            _mergedSlots = new int[Math.Max(partials.Count, _mergedSlots.Length * 2)];
        }

        Span<int> slots = _mergedSlots.AsSpan(0, partials.Count);
        AssignSlots(partials, slots);
        EnsureStates();
        _weight?.OnAdded(partials.Count);
        StateReader reader = new(partials.States);
        int firstColumn = 0;
        for (int i = 0; i < _states.Length; i++)
        {
            for (int row = 0; row < slots.Length; row++)
            {
                reader.MoveTo(row, firstColumn);
                _states[i].Merge(slots[row], reader);
            }

            firstColumn += View.Aggregates[i].StateColumns.Count;
        }
    }

    /// <summary>
    /// Fills an empty batch with the partials touched since the last export, and says which of them no export since the table was last emptied has held
    /// (<see cref="PartialBatch.FirstNew"/>), where the table knows.
    /// </summary>
    public abstract void ExportTouched(PartialBatch destination);

    /// <summary>Adds all partials to a batch.</summary>
    public abstract void ExportAll(PartialBatch destination);

    /// <summary>
    /// Adds what the partials come to once no event is missing any more: where windows are made by the order of events, windows in place of events.
    /// </summary>
    public virtual void ExportSettled(PartialBatch destination) => ExportAll(destination);

    /// <summary>Gives the windows that are due, and forgets partials that no open window needs. For events none of which was judged late.</summary>
    /// <exception cref="DefinitionException">The view has windows that must be composed in the order of a log.</exception>
    public virtual void Close(IClosing closing, IWindowSink sink) => throw new DefinitionException(
        $"View '{View.Name}': windows of {View.Window} follow the order of a log, and cannot be computed without one.");

    /// <summary>Moves partials to batches, as the table need not have them any more.</summary>
    public abstract void Release(IPartialRelease release);

    /// <summary>
    /// Takes up what earlier epochs of the same partition have left: whatever the judgement of coming events depends on. Nothing for windows that
    /// judge every event on its own.
    /// </summary>
    /// <param name="partials">What the store holds of the partition that has to do with it.</param>
    /// <param name="watermark">The watermark of the partition.</param>
    public virtual void Resume(PartialBatch partials, long watermark)
    {
    }

    /// <summary>
    /// Removes all partials and goes on with another dictionary, in the next epoch of the same partition: what coming events are judged by stays.
    /// </summary>
    public virtual void Reset(StringDictionary dictionary)
    {
        Keys.Reset(dictionary);
        ClearPartials();
    }

    /// <summary>Gives each event the slot of its partial.</summary>
    protected abstract void AssignSlots(in AddressedRows rows, Span<int> slots);

    /// <summary>Gives each stored partial its slot.</summary>
    protected abstract void AssignSlots(PartialBatch partials, Span<int> slots);

    /// <summary>Forgets all slots but some, which are numbered anew in their order.</summary>
    protected void KeepStates(ReadOnlySpan<int> slots)
    {
        foreach (AggregateState state in _states)
        {
            state.Keep(slots);
        }
    }

    /// <summary>Removes all addresses; buffers stay.</summary>
    protected abstract void ClearAddresses();

    /// <summary>Removes all partials; keys and buffers stay.</summary>
    protected void ClearPartials()
    {
        ClearAddresses();
        _weight?.Clear();
        foreach (AggregateState state in _states)
        {
            state.Clear();
        }
    }

    /// <summary>Adds the states of a slot to a batch.</summary>
    protected void WriteStates(int slot, StateWriter writer) => WriteStates(_states, slot, writer);

    /// <summary>Adds a slot of other states of the view's aggregates to a batch.</summary>
    protected static void WriteStates(ReadOnlySpan<AggregateState> states, int slot, StateWriter writer)
    {
        writer.StartRow();
        foreach (AggregateState state in states)
        {
            state.Write(slot, writer);
        }
    }

    /// <summary>Makes room for all slots in the columns of accumulators.</summary>
    protected void EnsureStates()
    {
        foreach (AggregateState state in _states)
        {
            state.EnsureSlots(Count);
        }
    }
}

using Lambda.Aggregation;
using Lambda.Events;
using Lambda.Views.Keys;
using Lambda.Views.Partials;
using Lambda.Views.Tables;

namespace Lambda.Views.Comparing;

/// <summary>The keys that some partials of a view have; tells those of other partials apart by them.</summary>
internal sealed class PartialKeys(ViewDefinition view)
{
    /// <summary>From how many keys on that were only looked for these are forgotten, if they are most.</summary>
    private const int ManySought = 65_536;

    private readonly HashSet<int> _ids = [];

    /// <summary>Has those that were looked for, too.</summary>
    private GroupKeyTable _keys = new(view.Keys, new StringDictionary());

    /// <summary>How many keys there are.</summary>
    public int Count => _ids.Count;

    /// <summary>Adds the keys of partials.</summary>
    public void Add(PartialBatch partials)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            _ids.Add(_keys.FindOrAdd(partials, row));
        }
    }

    /// <summary>The partials that have one of the keys.</summary>
    public PartialBatch Among(PartialBatch partials) => _ids.Count == 0 ? new PartialBatch(partials.Layout) : Where(partials, isAmong: true);

    /// <summary>The partials that have none of the keys.</summary>
    public PartialBatch Beside(PartialBatch partials) => _ids.Count == 0 ? partials : Where(partials, isAmong: false);

    /// <summary>A partial of no events for each key, some at a time: to ask a store for others of these keys.</summary>
    public IEnumerable<PartialBatch> ToBatches(int keysAtOnce)
    {
        AggregateState[] none = AggregateStates.Create(view);
        foreach (AggregateState state in none)
        {
            state.EnsureSlots(1);
        }

        foreach (int[] ids in _ids.Chunk(keysAtOnce))
        {
            PartialBatch batch = new(view.Layout);
            StateWriter writer = new(batch.States);
            foreach (int id in ids)
            {
                _keys.Write(id, batch);
                batch.Starts.Add(0);
                batch.Ends.Add(0);
                batch.Missed.Add(0);
                batch.EventCounts.Add(0);
                batch.Positions?.Add(default);
                batch.LiveSessions?.Add(default);
                writer.StartRow();
                foreach (AggregateState state in none)
                {
                    state.Write(0, writer);
                }
            }

            yield return batch;
        }
    }

    private PartialBatch Where(PartialBatch partials, bool isAmong)
    {
        PartialBatch found = new(partials.Layout);
        for (int row = 0; row < partials.Count; row++)
        {
            if (_ids.Contains(_keys.FindOrAdd(partials, row)) == isAmong)
            {
                found.AddFrom(partials, row);
            }
        }

        if (_keys.Count > ManySought + (2 * _ids.Count))
        {
            ForgetSought();
        }

        return found;
    }

    private void ForgetSought()
    {
        PartialBatch own = new(view.Layout);
        foreach (int id in _ids)
        {
            _keys.Write(id, own);
        }

        int count = _ids.Count;
        _keys = new GroupKeyTable(view.Keys, new StringDictionary());
        _ids.Clear();
        for (int row = 0; row < count; row++)
        {
            _ids.Add(_keys.FindOrAdd(own, row));
        }
    }
}

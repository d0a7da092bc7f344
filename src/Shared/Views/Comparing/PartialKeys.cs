using Lambda.Events;
using Lambda.Views.Keys;
using Lambda.Views.Partials;

namespace Lambda.Views.Comparing;

/// <summary>The keys that some partials of a view have; tells those of other partials apart by them.</summary>
internal sealed class PartialKeys(ViewDefinition view)
{
    private readonly GroupKeyTable _keys = new(view.Keys, new StringDictionary());
    private readonly HashSet<int> _ids = [];

    /// <summary>Adds the keys of partials.</summary>
    public void Add(PartialBatch partials)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            _ids.Add(_keys.FindOrAdd(partials, row));
        }
    }

    /// <summary>The partials that have one of the keys.</summary>
    public PartialBatch Among(PartialBatch partials) => Where(partials, isAmong: true);

    /// <summary>The partials that have none of the keys.</summary>
    public PartialBatch Beside(PartialBatch partials) => _ids.Count == 0 ? partials : Where(partials, isAmong: false);

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

        return found;
    }
}

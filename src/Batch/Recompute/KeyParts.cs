using Lambda.Events;
using Lambda.Views;
using Lambda.Views.Keys;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Collects partials from several sources, and gives them out some keys at a time: windows of one key have nothing to do with those of another. So what is composed at once follows the size of a part,
/// and only columns are held of all.
/// </summary>
internal sealed class KeyParts
{
    private readonly GroupKeyTable _keys;

    // By part and source; a part that was given out is gone.
    private readonly PartialBatch[]?[] _parts;

    /// <param name="view">The view.</param>
    /// <param name="sources">How many sources there are.</param>
    /// <param name="parts">How many parts there are; at least one.</param>
    public KeyParts(ViewDefinition view, int sources, int parts)
    {
        _keys = new GroupKeyTable(view.Keys, new StringDictionary());
        _parts = [.. Enumerable.Range(0, parts).Select(_ => Enumerable.Range(0, sources).Select(_ => new PartialBatch(view.Layout)).ToArray())];
    }

    /// <summary>Adds partials of a source.</summary>
    public void Add(int source, PartialBatch partials)
    {
        for (int row = 0; row < partials.Count; row++)
        {
            _parts[_keys.FindOrAdd(partials, row) % _parts.Length]![source].AddFrom(partials, row);
        }
    }

    /// <summary>The parts, each by source. They can be had once.</summary>
    public IEnumerable<PartialBatch[]> Take()
    {
        for (int part = 0; part < _parts.Length; part++)
        {
            PartialBatch[] taken = _parts[part] ?? throw new InvalidOperationException("The parts were given out before.");
            _parts[part] = null;
            yield return taken;
        }
    }
}

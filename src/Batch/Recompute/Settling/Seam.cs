using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Views.Tables;

namespace Lambda.Batch.Recompute.Settling;

/// <summary>Partials of one view and kind that several sources may have parts of. Not safe for use by several threads at once.</summary>
internal sealed class Seam(ViewDefinition view, PartialKind kind, int rowsAtOnce)
{
    private readonly SeamTable<PartialTable> _partials = new(view, kind);

    /// <summary>How many partials could not be settled when that was last tried.</summary>
    private int _left;

    /// <summary>How many partials there are.</summary>
    public int Count => _partials.Count;

    /// <summary>Adds what a source has.</summary>
    public void Add(PartialBatch partials) => _partials.Add(partials);

    /// <summary>Takes out what events from an instant on can neither change nor connect with; nothing where that is not worth it yet.</summary>
    /// <param name="before">The instant; <see cref="long.MaxValue"/> when no event is missing.</param>
    /// <param name="muchForTexts">From which size on texts and keys are worth forgetting whose partials have left.</param>
    /// <param name="rent">Gives batches that take them.</param>
    /// <exception cref="InvalidOperationException">Events were lost or doubled.</exception>
    public IReadOnlyList<PartialBatch> Settle(long before, long muchForTexts, Func<PartialBatch> rent)
    {
        bool isLast = before == long.MaxValue;
        if (Count == 0 || (!isLast && Count < rowsAtOnce + (2L * _left)))
        {
            return [];
        }

        SettledBatches settled = new(before, rent, rowsAtOnce);
        _partials.Table.Release(settled);
        _partials.OnReleased(settled.Batches);
        _left = Count;
        if (isLast)
        {
            _partials.RequireEmpty();
        }

        _partials.ForgetTexts(muchForTexts);
        return settled.Batches;
    }
}

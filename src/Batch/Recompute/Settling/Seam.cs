using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Views.Tables;
using Lambda.Windows;

namespace Lambda.Batch.Recompute.Settling;

/// <summary>Partials of one view and kind that several sources may have parts of. Not safe for use by several threads at once.</summary>
internal sealed class Seam(ViewDefinition view, PartialKind kind, int rowsAtOnce)
{
    private PartialTable _table = PartialTable.Create(view, new StringDictionary());

    /// <summary>How many partials could not be settled when that was last tried.</summary>
    private int _left;
    private long _textBytesLeft;

    /// <summary>How many events have come and not gone.</summary>
    private long _events;

    /// <summary>How many partials there are.</summary>
    public int Count => _table.Count;

    /// <summary>Adds what a source has.</summary>
    public void Add(PartialBatch partials)
    {
        _events += EventCounts.Of(partials);
        _table.Merge(partials);
    }

    /// <summary>Takes out what events from an instant on can neither change nor connect with; nothing where that is not worth it yet.</summary>
    /// <param name="before">The instant; <see cref="long.MaxValue"/> when no event is missing.</param>
    /// <param name="muchForTexts">From which size on texts and keys are worth forgetting whose partials have left.</param>
    /// <param name="rent">Gives batches that take them.</param>
    /// <exception cref="InvalidOperationException">Events were lost or doubled.</exception>
    public IReadOnlyList<PartialBatch> Settle(long before, long muchForTexts, Func<PartialBatch> rent)
    {
        bool isLast = before == long.MaxValue;
        if (_table.Count == 0 || (!isLast && _table.Count < rowsAtOnce + (2L * _left)))
        {
            return [];
        }

        Before release = new(before, rent, rowsAtOnce);
        _table.Release(release);
        _left = _table.Count;
        _events -= release.Batches.Sum(EventCounts.Of);
        if (isLast && (_events != 0 || _left != 0))
        {
            throw new InvalidOperationException(
                $"View '{view.Name}': {_events} {kind} events were {(_events < 0 ? "added" : "lost")} when the partials of several dates were merged, {_left} left.");
        }

        ForgetTexts(muchForTexts);
        return release.Batches;
    }

    /// <summary>Texts and keys stay in a table when their partials leave: it is begun anew when most are of those.</summary>
    private void ForgetTexts(long much)
    {
        if (TextBytes() < much + (2 * _textBytesLeft))
        {
            return;
        }

        PartialBatch left = new(view.Layout);
        _table.ExportAll(left);
        _table = PartialTable.Create(view, new StringDictionary());
        _table.Merge(left);
        _textBytesLeft = TextBytes();
    }

    private long TextBytes() => _table.Keys.ByteCount + _table.Keys.Dictionary.ByteCount;

    private sealed class Before(long instant, Func<PartialBatch> rent, int rowsAtOnce) : IPartialRelease
    {
        public List<PartialBatch> Batches { get; } = [];

        public PartialBatch? DestinationOf(TimeWindow reach)
        {
            if (reach.End > instant)
            {
                return null;
            }

            if (Batches.Count == 0 || Batches[^1].Count >= rowsAtOnce)
            {
                Batches.Add(rent());
            }

            return Batches[^1];
        }
    }
}

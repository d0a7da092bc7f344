using Lambda.Events;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Partials;
using Lambda.Views.Tables;

namespace Lambda.Batch.Recompute.Settling;

/// <summary>A table of partials of one view and kind, which counts the events that come and leave. Not safe for use by several threads at once.</summary>
internal sealed class SeamTable<TTable>(ViewDefinition view, PartialKind kind)
    where TTable : PartialTable
{
    private long _textBytesLeft;

    /// <summary>How many events have come and not gone.</summary>
    private long _events;

    /// <summary>The table; another one after texts were forgotten.</summary>
    public TTable Table { get; private set; } = Create(view);

    /// <summary>How many partials there are.</summary>
    public int Count => Table.Count;

    /// <summary>Adds partials.</summary>
    public void Add(PartialBatch partials)
    {
        if (partials.Count > 0)
        {
            _events += EventCounts.Of(partials);
            Table.Merge(partials);
        }
    }

    /// <summary>Takes note of what has left the table.</summary>
    public void OnReleased(IReadOnlyList<PartialBatch> partials) => _events -= partials.Sum(EventCounts.Of);

    /// <summary>Asks that all that came has gone.</summary>
    /// <exception cref="InvalidOperationException">Events were lost or doubled.</exception>
    public void RequireEmpty()
    {
        if (_events != 0 || Count != 0)
        {
            throw new InvalidOperationException(
                $"View '{view.Name}': {_events} {kind} events were {(_events < 0 ? "added" : "lost")} when the partials of several dates were merged, {Count} left.");
        }
    }

    /// <summary>Texts and keys stay in a table when their partials leave: it is begun anew when most are of those.</summary>
    /// <param name="much">From which size on, in bytes, that is worth it.</param>
    public void ForgetTexts(long much)
    {
        if (TextBytes() < much + (2 * _textBytesLeft))
        {
            return;
        }

        PartialBatch left = new(view.Layout);
        Table.ExportAll(left);
        Table = Create(view);
        Table.Merge(left);
        _textBytesLeft = TextBytes();
    }

    private static TTable Create(ViewDefinition view) => (TTable)PartialTable.Create(view, new StringDictionary());

    private long TextBytes() => Table.Keys.ByteCount + Table.Keys.Dictionary.ByteCount;
}

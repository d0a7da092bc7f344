using Lambda.Batch.Archive;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Counts;
using Lambda.Views.Partials;

namespace Lambda.Batch.Recompute.Settling;

/// <summary>
/// All that is still open of a view whose windows follow the order of events: any event of a key may be the next one of it, so every source has parts of every window.
/// Safe for use by several threads at once.
/// </summary>
/// <param name="view">The view.</param>
/// <param name="floors">Which offsets the dates to come lie above.</param>
/// <param name="rowsAtOnce">How many partials are handed over together, about.</param>
internal sealed class OrderSeam(ViewDefinition view, OffsetFloors floors, int rowsAtOnce)
{
    /// <summary>A removed event waits for a short time only: what its states take beside its address and numbers does not count.</summary>
    private const int BytesPerRemoved = 100;

    private readonly Lock _lock = new();
    private readonly SeamTable<CountPartials> _kept = new(view, PartialKind.Kept);

    /// <summary>
    /// Of keys in <see cref="_moved"/> all events, whatever became of them, that were not settled when the key was added. Windows that were settled before are the same as read.
    /// </summary>
    private readonly SeamTable<CountPartials> _asRead = new(view, PartialKind.AsRead);

    /// <summary>Keys that have had removed events; only grows.</summary>
    private readonly PartialKeys _moved = new(view);

    /// <summary>Removed events that have come since partials were last let go: their keys are not in <see cref="_moved"/> for them, nor are they among what is as read.</summary>
    private readonly Dictionary<PartialKind, PartialBatch> _removed = [];

    /// <summary>Up to which instant all was known when partials were last let go.</summary>
    private long _settledBefore = long.MinValue;

    /// <summary>How many partials could not be settled then.</summary>
    private long _left;
    private long _count;
    private long _bytes;

    /// <summary>How many partials there are.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Roughly how many bytes they take.</summary>
    public long ByteCount => Interlocked.Read(ref _bytes);

    /// <summary>The keys that have had removed events. Once all events have come.</summary>
    public PartialKeys Moved => _moved;

    /// <summary>Adds what a source has of a kind of events.</summary>
    public void Add(PartialKind kind, PartialBatch partials)
    {
        lock (_lock)
        {
            if (kind == PartialKind.Kept)
            {
                _kept.Add(partials);
                _asRead.Add(_moved.Among(partials));
            }
            else if (_removed.TryGetValue(kind, out PartialBatch? removed))
            {
                removed.With(partials);
            }
            else
            {
                _removed.Add(kind, new PartialBatch(view.Layout).With(partials));
            }

            Measure();
        }
    }

    /// <summary>Takes out what no event of the dates to come can change; nothing where that is not worth it yet.</summary>
    /// <param name="before">The first microsecond of these dates; <see cref="long.MaxValue"/> when no event is missing.</param>
    /// <param name="muchForTexts">From which size on texts and keys are worth forgetting whose partials have left.</param>
    /// <param name="rent">Gives batches that take them.</param>
    /// <exception cref="InvalidOperationException">Events were lost or doubled.</exception>
    public IReadOnlyList<(PartialKind Kind, PartialBatch Partials)> Settle(long before, long muchForTexts, Func<PartialBatch> rent)
    {
        lock (_lock)
        {
            // Another source may have come here first that knew of more.
            bool isLast = before == long.MaxValue;
            if (Count == 0 || before <= _settledBefore || (!isLast && Count < rowsAtOnce + (2 * _left)))
            {
                return [];
            }

            List<(PartialKind, PartialBatch)> settled = [];
            MoveKeys(settled);
            KnownEvents known = floors.KnownBefore(before);
            foreach ((PartialKind kind, SeamTable<CountPartials> table) in new[] { (PartialKind.Kept, _kept), (PartialKind.AsRead, _asRead) })
            {
                SettledBatches batches = new(long.MaxValue, rent, rowsAtOnce);
                table.Table.ReleaseSettled(known, batches);
                table.OnReleased(batches.Batches);
                if (isLast)
                {
                    table.RequireEmpty();
                }

                table.ForgetTexts(muchForTexts);
                settled.AddRange(batches.Batches.Select(batch => (kind, batch)));
            }

            Measure();
            (_settledBefore, _left) = (before, Count);
            return settled;
        }
    }

    /// <summary>
    /// Begins what is as read of keys that have removed events now, before any window is settled that these are in. The events themselves are stored as they are.
    /// </summary>
    private void MoveKeys(List<(PartialKind Kind, PartialBatch Partials)> settled)
    {
        foreach ((PartialKind kind, PartialBatch removed) in _removed)
        {
            PartialBatch kept = new(view.Layout);
            _kept.Table.ExportOfKeys(_moved.Beside(removed), kept);
            _asRead.Add(kept);
            _asRead.Add(removed);
            _moved.Add(removed);
            settled.Add((kind, removed));
        }

        _removed.Clear();
    }

    private void Measure()
    {
        long removed = _removed.Values.Sum(removed => (long)removed.Count);
        Interlocked.Exchange(ref _count, _kept.Count + _asRead.Count + removed);
        Interlocked.Exchange(ref _bytes, _kept.Table.ByteCount + _asRead.Table.ByteCount + (removed * BytesPerRemoved));
    }
}

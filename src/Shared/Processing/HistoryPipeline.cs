using Lambda.Events;
using Lambda.Expressions;
using Lambda.Log;
using Lambda.Store;
using Lambda.Views.Plans;

namespace Lambda.Processing;

/// <summary>
/// What the batch layer makes of events: sets repetitions and those that row checks refuse apart, and adds each to the partials of its kind. Nothing
/// is late. Not safe for use by several threads at once.
/// </summary>
internal sealed class HistoryPipeline
{
    private readonly RowChecker _checker;
    private readonly RowSelection _kept = new();
    private readonly RowSelection _repeated = new();
    private readonly RowSelection _refused = new();

    public HistoryPipeline(StreamPlan plan)
    {
        _checker = new RowChecker(plan);
        Partials = new PartialsByKind(plan, Dictionary);
    }

    /// <summary>The dictionary of all batches.</summary>
    public StringDictionary Dictionary { get; } = new();

    /// <summary>What has been computed so far.</summary>
    public PartialsByKind Partials { get; }

    /// <summary>Adds the events of a batch.</summary>
    /// <param name="batch">The events, with all members that views and checks read.</param>
    /// <param name="repetitions">The positions of events that count for nothing, as they are there already.</param>
    /// <returns>The events that row checks and expressions refuse.</returns>
    public IReadOnlyList<RefusedEvent> Process(EventBatch batch, IReadOnlySet<LogPosition> repetitions)
    {
        List<RefusedEvent> refused = [];
        Split(batch, repetitions);
        _checker.Apply(batch, _kept, _refused, (row, reason, detail) => refused.Add(new RefusedEvent(row, RefusedBy.Check, reason, detail)));
        foreach (FailedRow failure in Partials[PartialKind.Kept].Process(batch, _kept, []))
        {
            refused.Add(new RefusedEvent(failure.Row, RefusedBy.View, RejectReason.ExpressionFailed, failure.Detail));
        }

        // An event whose view expression throws counts nowhere in the speed layer, so here neither, repeated or refused as it may be.
        Partials[PartialKind.Duplicate].Process(batch, _repeated, []);
        Partials[PartialKind.Quarantined].Process(batch, _refused, []);
        return refused;
    }

    private void Split(EventBatch batch, IReadOnlySet<LogPosition> repetitions)
    {
        if (repetitions.Count == 0)
        {
            _kept.SelectAll(batch.Count);
            _repeated.Clear();
            return;
        }

        _kept.Clear();
        _repeated.Clear();
        for (int row = 0; row < batch.Count; row++)
        {
            bool isRepeated = repetitions.Contains(new LogPosition(batch.Partitions[row], batch.Offsets[row]));
            (isRepeated ? _repeated : _kept).Add(row);
        }
    }
}

/// <summary>An event that counts nowhere because a row check or an expression refused it.</summary>
/// <param name="Row">Its row in the batch.</param>
/// <param name="By">Who refused it.</param>
/// <param name="Reason">Why, as a fixed word.</param>
/// <param name="Detail">Why, in a sentence.</param>
internal readonly record struct RefusedEvent(int Row, RefusedBy By, RejectReason Reason, string Detail);

/// <summary>Who refused an event.</summary>
internal enum RefusedBy
{
    /// <summary>A row check. The speed layer has none, so it counted the event.</summary>
    Check,

    /// <summary>An expression of a view, which the speed layer evaluates too: the event counts in neither layer.</summary>
    View,
}

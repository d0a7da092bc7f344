using Lambda.Batch.Archive;
using Lambda.Events;
using Lambda.Expressions;
using Lambda.Store;
using Lambda.Views;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Computes dates of a history one after the other: sets repetitions and refused rows apart, and adds each row to the partials of its kind. Not
/// safe for use by several threads at once.
/// </summary>
internal sealed class DateWorker
{
    private readonly StreamPlan _plan;
    private readonly IArchiveSnapshot _archive;
    private readonly Boundary _boundary;
    private readonly OffsetCoverage _coverage;
    private readonly DuplicateFinder _duplicateFinder;
    private readonly RowChecker _checker;
    private readonly StringDictionary _dictionary = new();
    private readonly RowSelection _kept = new();
    private readonly RowSelection _repeated = new();
    private readonly RowSelection _refused = new();

    public DateWorker(StreamPlan plan, IArchiveSnapshot archive, Boundary boundary, OffsetCoverage coverage)
    {
        _plan = plan;
        _archive = archive;
        _boundary = boundary;
        _coverage = coverage;
        _duplicateFinder = new DuplicateFinder(plan.Stream.EventId, plan.Stream.Schema);
        _checker = new RowChecker(plan);
        Partials = new PartialsByKind(plan, _dictionary);
    }

    /// <summary>What has been computed so far.</summary>
    public PartialsByKind Partials { get; }

    /// <summary>Rows that row checks and expressions have refused so far.</summary>
    public List<RefusedRow> Refused { get; } = [];

    /// <summary>Rows that were removed as repetitions so far.</summary>
    public List<LogPosition> Repetitions { get; } = [];

    /// <summary>How many rows were read so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds a date.</summary>
    public async Task ProcessAsync(DateOnly date, CancellationToken cancellationToken)
    {
        HashSet<LogPosition> repetitions = await _duplicateFinder.FindAsync(_archive, date, _boundary, cancellationToken).ConfigureAwait(false);
        Repetitions.AddRange(repetitions);
        await foreach (EventBatch batch in _archive.ReadAsync(date, _plan.ViewAndCheckProjection, _dictionary, _boundary, cancellationToken)
            .ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _coverage.Mark(batch);
            Rows += batch.Count;
            Split(batch, repetitions);
            _checker.Apply(batch, _kept, _refused, (row, reason, detail) => Refuse(batch, row, date, RefusedBy.Check, reason, detail));
            foreach (FailedRow failure in Partials[PartialKind.Kept].Process(batch, _kept, []))
            {
                Refuse(batch, failure.Row, date, RefusedBy.View, RejectReason.ExpressionFailed, failure.Detail);
            }

            // A row whose view expression throws counts nowhere in the speed layer, so here neither, repeated or refused as it may be.
            Partials[PartialKind.Duplicate].Process(batch, _repeated, []);
            Partials[PartialKind.Quarantined].Process(batch, _refused, []);
        }
    }

    private void Split(EventBatch batch, HashSet<LogPosition> repetitions)
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

    private void Refuse(EventBatch batch, int row, DateOnly date, RefusedBy by, RejectReason reason, string detail) =>
        Refused.Add(new RefusedRow(new LogPosition(batch.Partitions[row], batch.Offsets[row]), date, batch.AppendedAt[row], by, reason, detail));
}

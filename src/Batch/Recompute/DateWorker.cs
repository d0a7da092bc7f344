using Lambda.Batch.Archive;
using Lambda.Batch.History.Files;
using Lambda.Batch.Recompute.Duplicates;
using Lambda.Batch.Recompute.Settling;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Views.Plans;

namespace Lambda.Batch.Recompute;

/// <summary>Computes dates of a history one after the other. Not safe for use by several threads at once.</summary>
internal sealed class DateWorker : IDisposable
{
    private readonly StreamPlan _plan;
    private readonly IArchiveSnapshot _archive;
    private readonly ArchiveRange _range;
    private readonly OffsetCoverage _coverage;
    private readonly HeldMemory _memory;
    private readonly SettledSource? _settled;
    private readonly DuplicateFinder _duplicateFinder;
    private HistoryPipeline _pipeline;
    private IArchiveReader _reader;
    private long _textBytesLeft;

    /// <param name="plan">The stream.</param>
    /// <param name="archive">What is read.</param>
    /// <param name="range">Which of its events are computed.</param>
    /// <param name="coverage">Takes note of the offsets that are met.</param>
    /// <param name="maxBytes">How many bytes the partials and the events that count in nothing may take, about.</param>
    /// <param name="settled">Takes partials that no other event can change; null to keep them all.</param>
    /// <param name="ids">Takes the ids of all events but repetitions; null where nobody asks whether they differ.</param>
    public DateWorker(
        StreamPlan plan,
        IArchiveSnapshot archive,
        ArchiveRange range,
        OffsetCoverage coverage,
        long maxBytes,
        SettledSource? settled = null,
        DistinctIds.Source? ids = null)
    {
        _plan = plan;
        _archive = archive;
        _range = range;
        _coverage = coverage;
        _memory = new HeldMemory(plan.Stream.Name, maxBytes, "a worker");
        _settled = settled;
        _duplicateFinder = new DuplicateFinder(plan.Stream.EventId, plan.Stream.Schema, archive, range.From, range.Below, ids);
        _pipeline = new HistoryPipeline(plan);
        _reader = OpenReader();
    }

    /// <summary>What has been computed so far and has not been let go.</summary>
    public PartialsByKind Partials => _pipeline.Partials;

    /// <summary>Rows that count in nothing, so far.</summary>
    public RemovedRows Removed { get; } = new();

    /// <summary>By date, how many rows were read.</summary>
    public Dictionary<DateOnly, long> Rows { get; } = [];

    /// <summary>How many events before those that are computed do not count any more because of these.</summary>
    public long Overtaken { get; private set; }

    /// <summary>Adds a date. Where partials are let go, dates come in rising order.</summary>
    /// <exception cref="BatchException">The partials, or the events that count in nothing, have become too many.</exception>
    public async Task ProcessAsync(DateOnly date, CancellationToken cancellationToken)
    {
        await ReleaseAsync(EventDate.StartOf(date), cancellationToken).ConfigureAwait(false);
        FoundRepetitions repetitions = await _duplicateFinder.FindAsync(date, cancellationToken).ConfigureAwait(false);
        Removed.AddRepetitions(repetitions.Positions);
        Overtaken += repetitions.Overtaken;
        Rows[date] = 0;
        await foreach (EventBatch batch in _reader.ReadAsync(date, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _coverage.Mark(batch);
            Rows[date] += batch.Count;
            foreach (RefusedEvent refused in _pipeline.Process(batch, repetitions.Positions))
            {
                Removed.Add(new RefusedRow(
                    new LogPosition(batch.Partitions[refused.Row], batch.Offsets[refused.Row]),
                    date,
                    batch.AppendedAt[refused.Row],
                    refused.By,
                    refused.Reason,
                    refused.Detail));
            }

            _memory.Require(Partials.ByteCount + (_settled?.OrderBytes ?? 0), Removed);
        }

        _coverage.ShareFull();
    }

    /// <summary>Lets all partials go that can be, as no date follows; nothing where they are kept.</summary>
    public ValueTask CompleteAsync(CancellationToken cancellationToken) => ReleaseAsync(long.MaxValue, cancellationToken);

    /// <summary>Ends reading; what was computed stays.</summary>
    public void Dispose()
    {
        _reader.Dispose();
        _duplicateFinder.Dispose();
    }

    private async ValueTask ReleaseAsync(long next, CancellationToken cancellationToken)
    {
        if (_settled is not null && await _settled.ReleaseAsync(Partials, next, cancellationToken).ConfigureAwait(false))
        {
            ForgetTexts(_settled.MuchForTexts);
        }
    }

    /// <summary>Texts and keys stay when the partials have left that they are of: all is begun anew with what is left when most of them are of those.</summary>
    private void ForgetTexts(long much)
    {
        if (TextBytes() < much + (2 * _textBytesLeft))
        {
            return;
        }

        PartialsByKind left = Partials;
        _reader.Dispose();
        _pipeline = new HistoryPipeline(_plan);
        _pipeline.Partials.Merge(left);
        _reader = OpenReader();
        _textBytesLeft = TextBytes();
    }

    private long TextBytes() => _pipeline.Dictionary.ByteCount + Partials.KeyByteCount;

    private IArchiveReader OpenReader() => _archive.OpenReader(_plan.ViewAndCheckProjection, _pipeline.Dictionary, _range);
}

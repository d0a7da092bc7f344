using Lambda.Batch.Archive;
using Lambda.Events;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Views;

namespace Lambda.Batch.Recompute;

/// <summary>Computes dates of a history one after the other. Not safe for use by several threads at once.</summary>
internal sealed class DateWorker : IDisposable
{
    private readonly StreamPlan _plan;
    private readonly OffsetCoverage _coverage;
    private readonly long _maxBytes;
    private readonly DuplicateFinder _duplicateFinder;
    private readonly HistoryPipeline _pipeline;
    private readonly IArchiveReader _reader;

    /// <param name="plan">The stream.</param>
    /// <param name="archive">What is read.</param>
    /// <param name="range">Which of its events are computed.</param>
    /// <param name="coverage">Takes note of the offsets that are met.</param>
    /// <param name="maxBytes">How many bytes the partials may take, about.</param>
    public DateWorker(StreamPlan plan, IArchiveSnapshot archive, ArchiveRange range, OffsetCoverage coverage, long maxBytes)
    {
        _plan = plan;
        _coverage = coverage;
        _maxBytes = maxBytes;
        _duplicateFinder = new DuplicateFinder(plan.Stream.EventId, plan.Stream.Schema, archive, range.From, range.Below);
        _pipeline = new HistoryPipeline(plan);
        _reader = archive.OpenReader(plan.ViewAndCheckProjection, _pipeline.Dictionary, range);
    }

    /// <summary>What has been computed so far.</summary>
    public PartialsByKind Partials => _pipeline.Partials;

    /// <summary>Rows that row checks and expressions have refused so far.</summary>
    public List<RefusedRow> Refused { get; } = [];

    /// <summary>Rows that were removed as repetitions so far.</summary>
    public List<LogPosition> Repetitions { get; } = [];

    /// <summary>By date, how many rows were read.</summary>
    public Dictionary<DateOnly, long> Rows { get; } = [];

    /// <summary>How many events before those that are computed do not count any more because of these.</summary>
    public long Overtaken { get; private set; }

    /// <summary>Adds a date.</summary>
    /// <exception cref="BatchException">The partials have become too many.</exception>
    public async Task ProcessAsync(DateOnly date, CancellationToken cancellationToken)
    {
        FoundRepetitions repetitions = await _duplicateFinder.FindAsync(date, cancellationToken).ConfigureAwait(false);
        Repetitions.AddRange(repetitions.Positions);
        Overtaken += repetitions.Overtaken;
        Rows[date] = 0;
        await foreach (EventBatch batch in _reader.ReadAsync(date, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _coverage.Mark(batch);
            Rows[date] += batch.Count;
            foreach (RefusedEvent refused in _pipeline.Process(batch, repetitions.Positions))
            {
                Refused.Add(new RefusedRow(
                    new LogPosition(batch.Partitions[refused.Row], batch.Offsets[refused.Row]),
                    date,
                    batch.AppendedAt[refused.Row],
                    refused.By,
                    refused.Reason,
                    refused.Detail));
            }

            if (Partials.ByteCount > _maxBytes)
            {
                throw new BatchException(
                    $"The partials of stream '{_plan.Stream.Name}' outgrow the memory that a run may take, {_maxBytes >> 20} MiB for a worker. Views that count "
                    + "events take some for each of their history. Set BatchOptions.MaxPartialBytes to more, as far as the machine has it.");
            }
        }
    }

    /// <summary>Ends reading; what was computed stays.</summary>
    public void Dispose()
    {
        _reader.Dispose();
        _duplicateFinder.Dispose();
    }
}

using Lambda.Batch.Archive;
using Lambda.Batch.History.Files;
using Lambda.Batch.Recompute.Settling;
using Lambda.Events;
using Lambda.Processing;
using Lambda.Views.Plans;

namespace Lambda.Batch.Recompute.Parts;

/// <summary>What the parts of a run have come to so far. Each part is added once; partials merge exactly, so the order does not matter.</summary>
/// <param name="plan">The stream.</param>
/// <param name="archive">What is read.</param>
/// <param name="range">Which of its events.</param>
/// <param name="maxBytes">How many bytes the partials and the events that count in nothing may take, about.</param>
/// <param name="settled">Takes partials that no other event can change; null to keep them all.</param>
internal sealed class GatheredParts(StreamPlan plan, IArchiveSnapshot archive, ArchiveRange range, long maxBytes, SettledSource? settled)
{
    private readonly OffsetCoverage _coverage = new(range.From ?? archive.Start, range.Below);
    private readonly Dictionary<DateOnly, long> _rows = [];
    private readonly RemovedRows _removed = new();
    private readonly HeldMemory _memory = new(plan.Stream.Name, maxBytes, "what was gathered of its parts");
    private KeyedPartials _kept = new(plan);
    private long _keyBytesLeft;
    private long _overtaken;

    /// <summary>All of it.</summary>
    public ComputedDates Result => new(_kept.Partials, _rows, _overtaken, _removed.Repetitions, _removed.Refused, _coverage);

    /// <summary>Reads what a part has come to, and adds it as a whole or not at all.</summary>
    /// <returns>Who computed it.</returns>
    /// <exception cref="PartFormatException">A file of it is missing, damaged or of something else; nothing was added.</exception>
    /// <exception cref="BatchException">The partials, or the events that count in nothing, have become too many.</exception>
    public async Task<string> AddAsync(RunFolder folder, PartIdentity identity, CancellationToken cancellationToken)
    {
        (PartResult result, IReadOnlyList<PartPartials> partials) =
            await PartFiles.ReadAsync(folder, identity, plan, range.From ?? archive.Start, range.Below, cancellationToken).ConfigureAwait(false);
        foreach (PartPartials some in partials)
        {
            _kept.Partials[some.Kind].Views[some.View].Table.Merge(some.Partials);
        }

        _coverage.Merge(result.Coverage);
        _removed.Add(result.Refused, result.Repetitions);
        Add(result.RowsByDate, result.Overtaken);
        return result.Worker;
    }

    /// <summary>Computes a part here and adds it.</summary>
    /// <exception cref="BatchException">The partials, or the events that count in nothing, have become too many.</exception>
    public async Task ComputeAsync(IReadOnlyList<DateOnly> dates, CancellationToken cancellationToken)
    {
        using DateWorker worker = new(plan, archive, range, _coverage, maxBytes);
        foreach (DateOnly date in dates)
        {
            await worker.ProcessAsync(date, cancellationToken).ConfigureAwait(false);
        }

        _kept.Partials.Merge(worker.Partials);
        _removed.Add(worker.Removed.Refused, worker.Removed.Repetitions);
        Add(worker.Rows, worker.Overtaken);
    }

    /// <summary>Lets partials go that can be, if they are to be.</summary>
    /// <param name="next">The first of the dates that have not been added; null when all have been.</param>
    /// <param name="cancellationToken">Ends the wait for what takes them.</param>
    public async Task ReleaseAsync(DateOnly? next, CancellationToken cancellationToken)
    {
        if (settled is not null
            && await settled.ReleaseAsync(_kept.Partials, next is { } date ? EventDate.StartOf(date) : long.MaxValue, cancellationToken).ConfigureAwait(false))
        {
            ForgetKeys(settled.MuchForTexts);
        }
    }

    /// <summary>Keys and their texts stay when the partials have left that they are of: all is begun anew with what is left when most of them are of those.</summary>
    private void ForgetKeys(long much)
    {
        if (_kept.KeyBytes < much + (2 * _keyBytesLeft))
        {
            return;
        }

        KeyedPartials left = new(plan);
        left.Partials.Merge(_kept.Partials);
        _kept = left;
        _keyBytesLeft = left.KeyBytes;
    }

    private void Add(IReadOnlyDictionary<DateOnly, long> rows, long overtaken)
    {
        foreach ((DateOnly date, long count) in rows)
        {
            _rows.Add(date, count);
        }

        _overtaken += overtaken;
        _memory.Require(_kept.Partials.ByteCount + (settled?.OrderBytes ?? 0), _removed);
    }

    /// <summary>Partials and the texts of their keys.</summary>
    private sealed class KeyedPartials
    {
        private readonly StringDictionary _texts = new();

        public KeyedPartials(StreamPlan plan) => Partials = new PartialsByKind(plan, _texts);

        public PartialsByKind Partials { get; }

        /// <summary>Roughly how many bytes keys and their texts take.</summary>
        public long KeyBytes => _texts.ByteCount + Partials.KeyByteCount;
    }
}

using Lambda.Batch.Recompute.Contents;
using Lambda.Batch.Recompute.Range;
using Lambda.Batch.Recompute.Settling;
using Lambda.Log;
using Lambda.Processing;
using Lambda.Store;
using Lambda.Views;
using Lambda.Views.Comparing;
using Lambda.Views.Partials;
using Lambda.Views.Plans;
using Lambda.Views.Tables;

namespace Lambda.Batch.Recompute;

/// <summary>Writes what was computed to a generation: beside nothing, or merged into what it has carried over.</summary>
/// <param name="store">Where the generation is.</param>
/// <param name="plan">The stream's views.</param>
/// <param name="lease">The stream's lease.</param>
/// <param name="draft">The generation.</param>
/// <param name="computation">What was computed.</param>
/// <param name="options">How much is written at once.</param>
internal sealed class GenerationWriter(IBatchStore store, StreamPlan plan, BatchLease lease, GenerationDraft draft, Computation computation, BatchOptions options)
{
    private static readonly PartialKind[] Removed = [PartialKind.Duplicate, PartialKind.Quarantined];

    private readonly DraftExchanges _exchanges = new(draft, options.ExchangedRows);

    /// <summary>Writes all views.</summary>
    /// <param name="carried">What the generation has carried over; null when it began empty.</param>
    /// <param name="range">What of it takes the place of what was carried over; null when all of that stays.</param>
    /// <param name="cancellationToken">Ends the work between two steps.</param>
    public async Task WriteAsync(CarryOver? carried, RecomputedRange? range, CancellationToken cancellationToken)
    {
        if (carried is null)
        {
            for (int view = 0; view < plan.Views.Count; view++)
            {
                await WriteNewAsync(view, cancellationToken).ConfigureAwait(false);
            }
        }
        else
        {
            ParallelOptions parallel = new() { MaxDegreeOfParallelism = options.Workers, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(
                Enumerable.Range(0, plan.Views.Count),
                parallel,
                async (view, token) => await (plan.Views[view].View.Layout.HasPositions
                    ? WriteOrderAsync(view, carried.From.Generation, token)
                    : WriteMergedAsync(view, range, token)).ConfigureAwait(false)).ConfigureAwait(false);
        }

        await _exchanges.CompleteAsync(cancellationToken).ConfigureAwait(false);
        if (range is not null)
        {
            IReadOnlyList<LogPosition> before = await store.ReadRemovedAsync(lease.Stream, draft.Number, cancellationToken).ConfigureAwait(false);
            await store.TakeRemovedAsync(lease, draft.Number, [.. before.Where(range.Computation.Coverage.Contains)], cancellationToken).ConfigureAwait(false);
        }

        IReadOnlyList<LogPosition> removed = [.. computation.Removed.Concat(range?.Computation.Removed ?? [])];
        if (removed.Count > 0)
        {
            await store.WriteRemovedAsync(lease, draft.Number, removed, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What could not be written while all else was.</summary>
    private async Task WriteNewAsync(int view, CancellationToken cancellationToken)
    {
        ViewDefinition definition = plan.Views[view].View;
        if (PartialsByKind.Kinds.Sum(kind => computation.Partials[kind].Views[view].Table.Count) is var left and > 0)
        {
            throw new InvalidOperationException($"View '{definition.Name}': {left} partials were not written while all events were read.");
        }

        if (computation.Moved.TryGetValue(view, out PartialKeys? moved))
        {
            await new EarlierWindows(store, draft, definition).WriteAsync(moved, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Windows that have a place in time: partials of the same interval, or sessions that touch, are merged.</summary>
    private async Task WriteMergedAsync(int view, RecomputedRange? range, CancellationToken cancellationToken)
    {
        foreach (PartialKind kind in (PartialKind[])[PartialKind.Kept, .. Removed])
        {
            PartialBatch added = computation.Partials.Collected(kind, view);
            if (range is not null)
            {
                await draft.TakeAsync(kind, range.Stale[(view, kind)], cancellationToken).ConfigureAwait(false);
                added.With(range.Fresh(view, kind));
            }

            await _exchanges
                .AddAsync(new CarriedExchange(kind, added, before => Settled(kind, view, [before, added])), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Windows that are made by the order of events: new events stand behind all that were read before in their partition, so only the last window of a key
    /// can go on. Where the first event of a key is removed now, its windows as read begin to differ from those that count, and are those that counted until now.
    /// </summary>
    private async Task WriteOrderAsync(int view, long from, CancellationToken cancellationToken)
    {
        ViewDefinition definition = plan.Views[view].View;
        PartialBatch kept = computation.Partials.Collected(PartialKind.Kept, view);
        PartialBatch[] removed = [.. Removed.Select(kind => computation.Partials.Collected(kind, view))];
        PartialBatch all = Concat(definition.Layout, [kept, .. removed]);

        PartialBatch goesOn = await draft.TakeAsync(PartialKind.AsRead, all, cancellationToken).ConfigureAwait(false);
        PartialKeys differed = new(definition);
        differed.Add(goesOn);
        PartialBatch differing = differed.Beside(Concat(definition.Layout, removed));
        PartialBatch counted = await store.ReadAroundAsync(definition.Layout, from, PartialKind.Kept, differing, Nearness.OfKey, cancellationToken)
            .ConfigureAwait(false);
        PartialKeys differ = new(definition);
        differ.Add(goesOn);
        differ.Add(differing);
        await WriteAsync(PartialKind.AsRead, Settled(PartialKind.AsRead, view, [goesOn, counted, differ.Among(all)]), cancellationToken).ConfigureAwait(false);

        await _exchanges
            .AddAsync(new CarriedExchange(PartialKind.Kept, kept, last => Settled(PartialKind.Kept, view, [last, kept])), cancellationToken)
            .ConfigureAwait(false);
        for (int i = 0; i < Removed.Length; i++)
        {
            await WriteAsync(Removed[i], removed[i], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What partials come to that stand side by side.</summary>
    private PartialBatch Settled(PartialKind kind, int view, PartialBatch[] parts)
    {
        PartialTable merged = PartialTable.Create(plan.Views[view].View, new Events.StringDictionary());
        foreach (PartialBatch part in parts.Where(part => part.Count > 0))
        {
            merged.Merge(part);
        }

        PartialBatch settled = new(plan.Views[view].View.Layout);
        settled.Reserve(merged.Count);
        merged.ExportSettled(settled);
        long before = parts.Sum(EventCounts.Of);
        if (EventCounts.Of(settled) != before)
        {
            throw new InvalidOperationException(
                $"View '{plan.Views[view].View.Name}': {before} {kind} events became {EventCounts.Of(settled)} when partials were merged.");
        }

        return settled;
    }

    private async Task WriteAsync(PartialKind kind, PartialBatch partials, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (partials.Count > 0)
        {
            await draft.WriteAsync(kind, partials, cancellationToken).ConfigureAwait(false);
        }
    }

    private static PartialBatch Concat(PartialLayout layout, IEnumerable<PartialBatch> parts)
    {
        PartialBatch all = new(layout);
        foreach (PartialBatch part in parts)
        {
            all.With(part);
        }

        return all;
    }
}

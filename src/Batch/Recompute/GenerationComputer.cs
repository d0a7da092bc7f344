using Lambda.Batch.Archive;
using Lambda.Batch.Recompute.Contents;
using Lambda.Batch.Recompute.Range;
using Lambda.Batch.Recompute.Settling;
using Lambda.Batch.Telemetry;
using Lambda.Jobs;
using Lambda.Store;
using Lambda.Windows;
using Microsoft.Extensions.Logging;

namespace Lambda.Batch.Recompute;

/// <summary>
/// Computes new events, to be merged into the current generation, and a range of it that is to be computed anew; or everything where that cannot be done. Of many new
/// events it takes the first.
/// </summary>
internal sealed class GenerationComputer(IViewStore store, HistoryComputer computer, BatchOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LongestGivingUp = TimeSpan.FromSeconds(10);

    /// <summary>Computes, and begins the generation, which nobody sees until it is published.</summary>
    /// <exception cref="FencedException">The lease was lost.</exception>
    public async Task<ComputedGeneration> RunAsync(PinnedRun run, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        progress.Report(RunProgress.Reading(0));
        (BatchStream stream, BatchRunOrder order, _, PinnedStream pinned) = run;
        (CarryOver? carried, string? obstacle) = order.Scope == RunScope.All
            ? (null, null)
            : CarryOver.Find(stream, pinned.Archive, pinned.Speed);
        TimeWindow? times = order.Range is { } wanted && carried is not null ? RangePlan.Within(pinned.Archive, wanted) : null;
        obstacle ??= times is null ? null : RangePlan.FindObstacle(stream.Definition);
        if (carried is not null && obstacle is null)
        {
            (ComputedGeneration? computed, obstacle) = await ComputeNewAsync(run, carried, times, progress, cancellationToken).ConfigureAwait(false);
            if (computed is not null)
            {
                return computed;
            }
        }

        return await ComputeAllAsync(run, obstacle, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Computes new events, or tells why they cannot be merged into the current generation. The next one is begun while they are read; where that was for nothing, the one that is begun
    /// then takes its place.
    /// </summary>
    private async Task<(ComputedGeneration? Computed, string? Obstacle)> ComputeNewAsync(
        PinnedRun run, CarryOver carried, TimeWindow? times, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        (BatchStream stream, _, BatchLease lease, PinnedStream pinned) = run;
        PinnedRun next = run with { Pinned = pinned with { Boundary = NextBoundary(run, carried) } };
        Task<GenerationDraft> beginning = BeginAsync(next, carried, cancellationToken);
        try
        {
            Computation added = await computer
                .RunAsync(stream, pinned.Archive, new ArchiveRange(carried.From.Boundary, next.Pinned.Boundary), progress, cancellationToken)
                .ConfigureAwait(false);
            string? obstacle = await carried.FindObstacleAsync(added, pinned.Archive, stream.Definition, cancellationToken).ConfigureAwait(false);
            RecomputedRange? range = obstacle is null && times is { } anew
                ? await new RangePlan(store, computer).ComputeAsync(stream, pinned.Archive, carried.From, anew, progress, cancellationToken).ConfigureAwait(false)
                : null;
            GenerationDraft draft = await beginning.ConfigureAwait(false);
            return obstacle is null ? (new ComputedGeneration(next, draft, added, carried, range, null), null) : (null, obstacle);
        }
        catch
        {
            await ((Task)beginning).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (beginning.IsCompletedSuccessfully)
            {
                await GiveUpAsync(lease, (await beginning.ConfigureAwait(false)).Number).ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>How far a generation reaches that carries another over.</summary>
    private static Boundary NextBoundary(PinnedRun run, CarryOver carried) => run.MostNewEvents is { } most
        ? BoundaryRule.Within(run.Pinned.Epochs, carried.From.Boundary, run.Pinned.Boundary, most)
        : run.Pinned.Boundary;

    /// <summary>Computes everything, and writes partials to the generation as soon as no event can change them.</summary>
    private async Task<ComputedGeneration> ComputeAllAsync(
        PinnedRun run, string? obstacle, IProgress<RunProgress> progress, CancellationToken cancellationToken)
    {
        GenerationDraft draft = await BeginAsync(run, carried: null, cancellationToken).ConfigureAwait(false);
        try
        {
            GenerationStream writer = new(draft, run.Stream.Plan, options.Workers);
            await using (writer.ConfigureAwait(false))
            {
                Computation computation = await computer
                    .RunAsync(run.Stream, run.Pinned.Archive, run.Pinned.Boundary, writer, progress, cancellationToken).ConfigureAwait(false);
                await writer.CompleteAsync().ConfigureAwait(false);
                return new ComputedGeneration(run, draft, computation, null, null, obstacle);
            }
        }
        catch
        {
            await GiveUpAsync(run.Lease, draft.Number).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<GenerationDraft> BeginAsync(PinnedRun run, CarryOver? carried, CancellationToken cancellationToken)
    {
        GenerationPlan plan = new(run.Pinned.Archive.Version, run.Pinned.Boundary, [.. run.Stream.Definition.Views.Select(view => view.Layout)])
        {
            BasedOn = carried?.From,
        };
        long generation = await store.BeginGenerationAsync(run.Lease, plan, cancellationToken).ConfigureAwait(false);
        return new GenerationDraft(store, run.Lease, generation, carried is null ? new GenerationContents() : GenerationContents.Of(carried.Basis));
    }

    /// <summary>
    /// Removes what was written of a generation that could not be computed. Where that fails, or takes longer than somebody who cancels a run should wait, the
    /// stream's next run does it.
    /// </summary>
    private async Task GiveUpAsync(BatchLease lease, long generation)
    {
        using CancellationTokenSource limit = new(LongestGivingUp, time);
        try
        {
            await store.DiscardAsync(lease, generation, limit.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            BatchLog.NotDiscarded(logger, error, lease.Stream, generation);
        }
    }
}
